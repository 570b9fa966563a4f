tfvars         = "tfvars"
auto           = "tfvars"
auto_json      = "tfvars"
file           = "tfvars"
flag           = "tfvars"
object         = { name = "n" }
not_null       = null
null           = null
