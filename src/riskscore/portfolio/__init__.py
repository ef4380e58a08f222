"""What an institution hands over: tables, contracts, settlement, arrears and outcomes."""
