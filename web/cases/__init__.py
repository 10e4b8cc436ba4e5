"""A case's page: where the patient stands, what comes next, who follows them."""
