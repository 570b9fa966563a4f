auto          = "auto"
auto_json     = "auto"
auto_over_env = "auto"
