"""What a person does, without a toolkit."""
