"""Structures of AAPM TG-263's list (Report 263, 2018) that are drawn most often, by region of the body.

Names only: the rules that others are made by are in `rtvis.app.tg263`. Those of `PAIRED` end in ``_L`` or ``_R``; where
the report has a name for both sides together, or for the whole, that is in `SINGLE`.
"""

from __future__ import annotations

_SINGLE_BY_REGION = {
    "any": "Bone BoneMarrow External LN Musc Pacemaker Scar Scar_Boost Skin TumorBed",
    "head": (
        "Bone_Ethmoid Bone_Frontal Bone_Mandible Bone_Mastoid Bone_Nasal Bone_Occipital Bone_Palatine Bone_Parietal "
        "Bone_Sphenoid Bone_Temporal Brain Brainstem Brainstem_Core Brainstem_Surf Cavity_Nasal Cavity_Oral Cerebellum "
        "Cerebrum Cist_Pontine Cochlea Cornea CribriformPlate Ear_Externals Ear_Internals Ear_Middle Eyes "
        "Glnd_Lacrimal Glnd_Sublings Glnd_Submands Hardpalate Hemispheres Hippocampi Hypothalmus Joint_TM Lens Lips "
        "Lobe_Frontal Lobe_Occipital Lobe_Parietal Lobe_Temporal Maxilla Musc_Masseter Nasopharynx Nose OpticChiasm "
        "OpticNrv Oropharynx Palate_Soft Parotids Pineal Pituitary Pons Retinas Scalp Sinus_Ethmoid Sinus_Frontal "
        "Sinus_Maxilry Skull Sys_Ventricular Tongue Tongue_All Tongue_Base Tongue_Oral Tonsil"
    ),
    "neck": (
        "A_Vertebral Arytenoid Bone_Hyoid BrachialPlexs Cricoid Cricopharyngeus Esophagus_S Glnd_Parathyroid "
        "Glnd_Thyroid Glottis LN_Neck Laryngl_Pharynx Larynx Larynx_SG Musc_Constrict Musc_Constrict_I "
        "Musc_Constrict_M Musc_Constrict_S Pharynx Spc_Retrophars V_Jugular"
    ),
    "thorax": (
        "A_Aorta A_LAD A_Pulmonary A_Subclavian AirWay_Dist AirWay_Prox Atrium Breasts Bronchus Bronchus_Main Carina "
        "Chestwall Diaphragm Esophagus Esophagus_I Esophagus_M Esophagus_NAdj Glnd_Thymus GreatVes GreatVes_NAdj Heart "
        "LN_IMNs LN_Mediastinals Lung_LLL Lung_LUL Lung_RLL Lung_RML Lung_RUL Lungs Mediastinum Pericardium Rib "
        "Thoracic_Duct Trachea Trachea_NAdj V_Azygos V_Pulmonary V_Subclavians V_Venacava_I V_Venacava_S Valve "
        "Valve_Mitral Valve_Pulmonic Valve_Tricuspid Ventricle"
    ),
    "abdomen": (
        "A_Mesenteric_I A_Mesenteric_S Appendix Bag_Bowel BileDuct_Common Bowel Bowel_Large Bowel_Small Cecum Colon "
        "Colon_Ascending Colon_Transverse Duodenum Gallbladder Glnd_Adrenal Ileum Jejunum Jejunum_Ileum Kidney_Cortex "
        "Kidney_Hilums Kidneys LN_Paraaortic LN_Portahepatis Liver Pancreas Pancreas_Head Pancreas_Tail Peritoneum "
        "Spc_Bowel Spc_Bowel_Small Spleen Spleen_Hilum Stomach Ureters V_Portal"
    ),
    "pelvis": (
        "Acetabulums Anus Bladder Bladder_Wall Bone_Ilium Bone_Pelvic Canal_Anal Cavernosum Cervix Colon_Sigmoid Femur "
        "Femur_Neck Femurs Genitals LN_Iliac LN_Iliac_Ext LN_Iliac_Int LN_Inguinofem LN_Pelvics Ovaries Parametrium "
        "PenileBulb Penis Perineum Prostate ProstateBed PubicSymphys Rectal_Wall Rectum SacralPlex Scrotum SeminalVes "
        "SeminalVes_Dist SeminalVes_Prox Skin_Perineum Sphincter_Anal Spongiosum Testis Urethra Urethra_Prostatc "
        "Uterus Vagina Vagina_Surf VaginalCuff"
    ),
    "spine and limbs": (
        "CaudaEquina Elbow Fibula Joint_Elbow Joint_Glenohum Joint_Surface Knee Nrv_Peripheral Nrv_Root SpinalCanal "
        "SpinalCord SpinalCord_Cerv SpinalCord_Lum SpinalCord_Sac SpinalCord_Thor Tendon ThecalSac"
    ),
}

_PAIRED_BY_REGION = {
    "head": (
        "Bone_Incus Bone_Lacrimal Bone_Mastoid Bone_Nasal Bone_Palatine Bone_Parietal Bone_Temporal Bone_Zygomatic "
        "CN_III CN_V CN_VI CN_VII CN_VIII CN_IX CN_XI CN_XII Cerebrum Cochlea Cornea Ear_External Ear_Internal "
        "Ear_Middle Eye Glnd_Lacrimal Glnd_Subling Glnd_Submand Hippocampus Joint_TM Lens Lobe_Frontal Lobe_Occipital "
        "Lobe_Parietal Lobe_Temporal Malleus Maxilla Musc_Digastric Musc_Masseter Musc_Pterygoid Musc_Temporal "
        "OpticNrv Orbit Parotid Proc_Condyloid Proc_Coronoid Pterygoid_Lat Pterygoid_Med Retina Sinus_Frontal "
        "Sinus_Maxilry Sinus_Sphenoid Stapes Tongue_Base Tongue_Oral"
    ),
    "neck": (
        "A_Vertebral Arytenoid BrachialPlex LN_Neck_IA LN_Neck_IB LN_Neck_II LN_Neck_IIA LN_Neck_IIB LN_Neck_III "
        "LN_Neck_IV LN_Neck_V LN_Neck_VA LN_Neck_VB LN_Neck_VC LN_Neck_VI LN_Neck_VII LN_Neck_VIIA LN_Sclav "
        "Musc_Platysma Musc_Sclmast Spc_Retrophar Spc_Retrosty Spc_Supraclav V_Jugular_Ext V_Jugular_Int"
    ),
    "thorax": (
        "A_Subclavian Atrium Breast Bronchus Bronchus_Main Chestwall Clavicle LN_Ax LN_Ax_L1 LN_Ax_L2 LN_Ax_L3 LN_IMN "
        "Lung Rib01 Rib02 Rib03 Rib04 Rib05 Rib06 Rib07 Rib08 Rib09 Rib10 Rib11 Rib12 Scapula V_Brachioceph"
    ),
    "abdomen": "Glnd_Adrenal Kidney Kidney_Cortex Kidney_Hilum Kidney_Pelvis Ureter",
    "pelvis": (
        "A_Femoral A_Iliac A_Iliac_Ext A_Iliac_Int Acetabulum Bone_Ilium Bone_Ischium Bone_Pelvic Femur Femur_Head "
        "Femur_Joint Femur_Neck Femur_Shaft LN_Iliac LN_Iliac_Ext LN_Iliac_Int LN_Inguinofem LN_Obturator LN_Pelvic "
        "LN_Presacral Ovary PubicSymphys Testis V_Iliac V_Iliac_Ext V_Iliac_Int"
    ),
    "limbs": "Elbow Fibula Humerus Joint_Elbow Joint_Glenohum Knee Radius",
}


def _all(by_region: dict[str, str]) -> tuple[str, ...]:
    return tuple(sorted({one for names in by_region.values() for one in names.split()}))


SINGLE = _all(_SINGLE_BY_REGION)
"""Names that are whole as they are."""

PAIRED = _all(_PAIRED_BY_REGION)
"""Names that ``_L`` or ``_R`` goes after."""
