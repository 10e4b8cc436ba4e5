"""What the patient was told and accepts: recorded answers in, permission or a refusal out."""
