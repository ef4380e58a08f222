"""How features read the survey and the request."""

from riskscore.catalog import Source

Answers = Source("answers", table="surveys", keys={"member": "member_id"}, where="instrument = 'baseline'")

Requests = Source("requests", table="applications", keys={"member": "member_id"})
