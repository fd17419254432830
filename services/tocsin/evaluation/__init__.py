"""Quality against labelled data: one file per task of `tocsin evaluate`, each printing one JSON object."""
