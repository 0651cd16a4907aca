# Makes and mends the checkout's own environment; read by scripts/rtvis, scripts/test and scripts/check.
#
# What is where: .venv/ holds Python and its packages, .venv/rtvis-KIND.stamp says what it was made from (written last,
# so that no stamp means no finished set-up), .venv/rtvis-unfinished stands while packages are installed,
# .venv/rtvis-setup.log is the talk of the tools that did it. KIND is `runtime` (the program) or `dev` (its tests and checks as well).
#
# All talk goes to stderr: stdout belongs to the program. Sets `root` and `venv`; callers have `set -euo pipefail`
# and read this by its absolute path.
# shellcheck shell=bash

shopt -s inherit_errexit

root=${BASH_SOURCE[0]%/scripts/*}
venv=$root/.venv
log=$venv/rtvis-setup.log
requirements=$root/scripts/requirements

say() { printf 'rtvis set-up: %s\n' "$*" >&2; }

# Ends with the exit status of "nothing could be done" (2); each argument is a line.
die() {
  say "$1"
  shift
  (($# == 0)) || printf '  %s\n' "$@" >&2
  exit 2
}

# What an environment of KIND is made from. A moved checkout, a Python that the system replaced and changed pins all
# change it. Two short processes: this is all that a finished set-up costs a start.
fingerprint() {
  printf '%s\n' "$root"
  readlink -f -- "$venv/bin/python" || true
  sha256sum -- "$root/pyproject.toml" "$requirements/$1.txt" "$requirements/system.txt"
}

is_ready() {
  local stamp=$venv/rtvis-$1.stamp
  [[ -f $stamp && ! -e $venv/rtvis-unfinished && $(<"$stamp") == "$(fingerprint "$1")" ]]
}

# ---------------------------------------------------------------------------------------------------- progress

# Reads a tool's talk and shows one line of it with the time so far (a line in place on a terminal, else one now and then).
show() {
  local label=$1 started=$SECONDS line='' about='' status next=30
  [[ -t 2 ]] || say "$label"
  while true; do
    if IFS= read -r -t 1 line; then
      case $line in
        Collecting\ * | Downloading\ * | Installing\ * | Get:* | Unpacking\ * | Setting\ up\ * | Prepared\ * | Resolved\ *)
          about=${line:0:60}
          ;;
      esac
    else
      status=$?
      ((status > 128)) || break # above 128 the second is over; otherwise the tool is done
    fi
    if [[ -t 2 ]]; then
      printf '\r\033[Krtvis set-up: %s (%d s) %s' "$label" $((SECONDS - started)) "$about" >&2
    elif ((SECONDS - started >= next)); then
      say "$label: $((SECONDS - started)) s, $about"
      next=$((next + 30))
    fi
  done
  if [[ -t 2 ]]; then printf '\r\033[Krtvis set-up: %s (%d s)\n' "$label" $((SECONDS - started)) >&2; fi
}

# LABEL COMMAND...: runs the command with its talk in the log and its progress shown; gives its exit status.
run_shown() {
  local label=$1
  shift
  printf '\n$ %s\n' "$*" >> "$log"
  "$@" < /dev/null 2>&1 | tee -a "$log" | show "$label"
}

# LINE...: the end of what the tools said, then what it means and what to do.
die_with_log() {
  tail -n 8 -- "$log" | sed 's/^/  | /' >&2
  die "$@" "The whole talk is in $log"
}

# ---------------------------------------------------------------------------------------------- system packages

has_font() {
  local folder
  for folder in /usr/share/fonts /usr/local/share/fonts "${HOME:-/nonexistent}/.fonts" "${HOME:-/nonexistent}/.local/share/fonts"; do
    [[ -d $folder && -n $(find -L "$folder" -name '*.[to]t[fc]' -print -quit 2> /dev/null) ]] && return 0
  done
  return 1
}

# KIND: lines "NEED NAME PACKAGES" of what the system lacks for it.
missing_from_system() {
  local wanted_set=$1 set need kind name packages libraries
  libraries=$(PATH=$PATH:/usr/sbin:/sbin ldconfig -p)
  while read -r set need kind name packages; do
    [[ -n $set && $set != '#'* ]] || continue
    [[ $set == runtime || $set == "$wanted_set" ]] || continue
    case $kind in
      library) [[ $libraries == *[[:space:]]"$name "* ]] || printf '%s %s %s\n' "$need" "$name" "$packages" ;;
      program) command -v "$name" > /dev/null || printf '%s %s %s\n' "$need" "$name" "$packages" ;;
      font) has_font || printf '%s %s %s\n' "$need" font "$packages" ;;
      *) die "scripts/requirements/system.txt: unknown kind '$kind'" ;;
    esac
  done < "$requirements/system.txt"
}

# The first of the names that this distribution has, else nothing.
known_package() {
  local package
  for package in "$@"; do
    if [[ -n $(apt-cache show --no-all-versions "$package" 2> /dev/null) ]]; then
      printf '%s\n' "$package"
      return
    fi
  done
}

may_install() { command -v apt-get > /dev/null && { ((EUID == 0)) || sudo -n true 2> /dev/null; }; }

as_root() { if ((EUID == 0)); then "$@"; else sudo -n -- "$@"; fi; }

# "NEED NAME PACKAGES" lines on stdin: installs what it may, or says the one command that does.
provide_packages() {
  local need name first alternatives package unknown=() packages=() fallback=()
  local line lines=() names=()
  mapfile -t lines
  for line in "${lines[@]}"; do
    read -r need name first alternatives <<< "$line"
    names+=("$name")
    fallback+=("${alternatives:-$first}")
  done
  if ! may_install; then
    if command -v apt-get > /dev/null; then
      for line in "${lines[@]}"; do
        read -r need name alternatives <<< "$line"
        # shellcheck disable=SC2086  # the alternatives are words
        package=$(known_package $alternatives)
        packages+=("${package:-${alternatives##* }}")
      done
      say "the system lacks: ${names[*]}. This command installs what is missing:"$'\n' \
        " sudo apt-get install --no-install-recommends ${packages[*]}"
    else
      say "the system lacks: ${names[*]}. Install them with the system's package manager (on Debian: ${fallback[*]})."
    fi
    return 0
  fi
  run_shown "fetching the package lists" as_root apt-get -o DPkg::Lock::Timeout=120 update \
    || say "the package lists couldn't be fetched; going on with those that are there"
  for line in "${lines[@]}"; do
    read -r need name alternatives <<< "$line"
    # shellcheck disable=SC2086  # the alternatives are words
    package=$(known_package $alternatives)
    if [[ -n $package ]]; then packages+=("$package"); else unknown+=("$name ($alternatives)"); fi
  done
  ((${#unknown[@]} == 0)) || say "this distribution has no package for: ${unknown[*]}"
  ((${#packages[@]} > 0)) || return 0
  run_shown "installing ${#packages[@]} system packages" as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "${packages[@]}" \
    || die_with_log "apt-get couldn't install the system packages. Try it by hand:" "sudo apt-get install ${packages[*]}"
}

# ------------------------------------------------------------------------------------------------------- Python

suits() {
  [[ -n $1 ]] && "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2> /dev/null
}

# The first Python that suits; RTVIS_PYTHON names another.
find_python() {
  local name path
  if [[ -n ${RTVIS_PYTHON:-} ]]; then
    suits "$RTVIS_PYTHON" || die "RTVIS_PYTHON=$RTVIS_PYTHON isn't a Python 3.11, 3.12 or 3.13"
    printf '%s\n' "$RTVIS_PYTHON"
    return
  fi
  for name in python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
    path=$(command -v "$name" || true)
    if suits "$path"; then
      printf '%s\n' "$path"
      return
    fi
  done
}

# PYTHON: lines like missing_from_system's for Python itself, when this machine hasn't all that an environment needs.
missing_python() {
  local python=$1 version
  if [[ -z $python ]]; then
    printf 'required %s\n' 'python3 python3' 'venv python3-venv'
  elif ! command -v uv > /dev/null && ! "$python" -c 'import ensurepip, venv' 2> /dev/null; then
    # Debian keeps ensurepip in a package of its own.
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    printf 'required ensurepip python%s-venv python3-venv\n' "$version"
  fi
}

make_venv() {
  local python=$1
  if command -v uv > /dev/null; then
    run_shown "making .venv with $python" uv --no-progress venv --allow-existing --no-python-downloads --python "$python" "$venv"
  else
    run_shown "making .venv with $python" "$python" -m venv "$venv"
  fi || die_with_log "the Python environment couldn't be made in $venv."
}

install_packages() {
  local kind=$1 count install
  count=$(grep -c '^[a-z].*==' "$requirements/$kind.txt")
  if command -v uv > /dev/null; then
    install=(uv --no-progress pip install --python "$venv/bin/python")
  else
    install=("$venv/bin/python" -m pip install --disable-pip-version-check --progress-bar off)
  fi
  # The lock is complete, so nothing is resolved here; without a compiler on the machine only wheels will do.
  run_shown "installing up to $count Python packages, about 450 MB" \
    "${install[@]}" --no-deps --only-binary :all: --require-hashes -r "$requirements/$kind.txt" \
    || die_with_log "the Python packages couldn't be installed." "Once the package index can be reached, call the same again."
  # From here on what is there is whole, and whatever else goes wrong needn't be paid for with a second download.
  rm -- "$venv/rtvis-unfinished"
  run_shown "installing rtvis itself" "${install[@]}" --no-deps --no-build-isolation --editable "$root" \
    || die_with_log "rtvis itself couldn't be installed into $venv."
}

# Loads what Qt and OpenGL load: what counts is whether they find it, not which package should have brought it.
check_libraries() {
  local -a names
  mapfile -t names < <(awk '$1 == "runtime" && $3 == "library" { print $4 }' "$requirements/system.txt")
  "$venv/bin/python" - "${names[@]}" << 'PYTHON' || die "system libraries are missing (above), and rtvis can't show or draw without them." \
    "Install them as said above and call the same again."
import ctypes
import importlib.util
import pathlib
import sys

plugin = pathlib.Path(importlib.util.find_spec("PyQt5").origin).parent / "Qt5" / "plugins" / "platforms" / "libqxcb.so"
failed = False
for name in [*sys.argv[1:], str(plugin)]:
    try:
        ctypes.CDLL(name)
    except OSError as error:
        print(f"rtvis set-up: {error}", file=sys.stderr)
        failed = True
sys.exit(failed)
PYTHON
}

# ------------------------------------------------------------------------------------------------------- set-up

# KIND: makes the environment ready, unless it is; a second call at the same time waits for the first.
prepare() {
  is_ready "$1" || (set_up "$1") # a subshell: the lock goes with it, and isn't the program's to hold
}

set_up() {
  local kind=$1 python missing
  exec 9< "$root" # the folder itself is the lock: no file to leave behind
  if ! flock -n 9; then
    say "another set-up is under way here; waiting for it"
    flock 9
    ! is_ready "$kind" || return 0
  fi
  say "$root gets its own environment in .venv; this happens once"
  if [[ -e $venv/rtvis-unfinished ]]; then
    say "an earlier set-up wasn't finished; starting afresh"
    rm -rf -- "$venv"
  elif [[ -d $venv ]] && ! belongs_here; then
    say ".venv was made elsewhere or by a Python that is gone; starting afresh"
    rm -rf -- "$venv"
  fi
  mkdir -p -- "$venv" 2> /dev/null || die "no permission to write $venv: clone rtvis to a folder of your own."
  touch -- "$venv/rtvis-unfinished" || die "no permission to write $venv: clone rtvis to a folder of your own."
  : > "$log"

  python=$(find_python)
  missing=$(
    missing_python "$python"
    missing_from_system "$kind"
  )
  [[ -z $missing ]] || provide_packages <<< "$missing"
  python=$(find_python)
  [[ -n $python ]] || die "no Python 3.11, 3.12 or 3.13 was found. Install one, or name it: RTVIS_PYTHON=/path/to/python3.12"
  [[ -z $(missing_python "$python") ]] || die "$python can't make environments: install its venv package as said above."

  [[ -x $venv/bin/python ]] || make_venv "$python"
  install_packages "$kind"
  check_libraries
  # Libraries were just loaded, which tells more than names do; of the rest only programs can't be done without.
  missing=$(missing_from_system "$kind" | awk '$1 == "required" && $2 !~ /^lib/ && $2 != "font" { print $2 }')
  [[ -z $missing ]] || die "the system lacks what the tests need: $missing" "Install it as said above and call the same again."
  [[ $kind == runtime ]] || fingerprint "$kind" > "$venv/rtvis-$kind.stamp"
  fingerprint runtime > "$venv/rtvis-runtime.stamp"
  say "done in $SECONDS s"
}

# Whether .venv was made at this path, by the Python that still stands behind it, and packages can be put into it.
belongs_here() {
  [[ -x $venv/bin/python ]] || return 1
  [[ -d $("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' 2> /dev/null) ]] || return 1
  command -v uv > /dev/null || "$venv/bin/python" -c 'import pip' 2> /dev/null || return 1
  local stamp
  for stamp in "$venv"/rtvis-*.stamp; do
    [[ ! -f $stamp || $(head -n 1 -- "$stamp") == "$root" ]] || return 1
  done
}
