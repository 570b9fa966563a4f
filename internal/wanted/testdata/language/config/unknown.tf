# None of these may come out as a reference or as a known value.
resource "terraform_data" "unknown_sort" { input = sort(terraform_data.many[*].id)[0] }
resource "terraform_data" "unknown_sort_one" { input = sort([terraform_data.one.id, "x"])[0] }
resource "terraform_data" "unknown_template" { input = "${terraform_data.one.id}-foo" }
resource "terraform_data" "unknown_upper" { input = upper(terraform_data.one.id) }
resource "terraform_data" "unknown_trim" { input = trimspace(terraform_data.one.id) }
resource "terraform_data" "unknown_format" { input = format("%s", terraform_data.one.id) }
resource "terraform_data" "unknown_choice" { input = terraform_data.one.id == "x" ? "y" : terraform_data.one.id }
resource "terraform_data" "unknown_choice_known" { input = terraform_data.one.id == "x" ? "y" : "z" }
resource "terraform_data" "unknown_choice_two" { input = terraform_data.one.id == terraform_data.two.id ? terraform_data.one.id : terraform_data.two.id }
resource "terraform_data" "unknown_index" { input = { x = "y" }[substr(terraform_data.one.id, 0, 0) == "" ? "x" : terraform_data.one.id] }
resource "terraform_data" "unknown_lookup" { input = lookup({ x = "y" }, terraform_data.one.id, "none") }
resource "terraform_data" "unknown_element" { input = element(["x", "y"], length(terraform_data.one.id)) }
resource "terraform_data" "unknown_filter" { input = [for r in terraform_data.many : r.id if r.id != terraform_data.one.id] }
resource "terraform_data" "unknown_for_key" { input = { for r in terraform_data.many : r.id => "x" } }
resource "terraform_data" "unknown_set_length" { input = length(toset([terraform_data.one.id, terraform_data.two.id])) }
resource "terraform_data" "unknown_set_first" { input = tolist(toset([terraform_data.one.id, "zzz"]))[0] }
resource "terraform_data" "unknown_set_key" { input = [for k, v in toset([terraform_data.one.id]) : k] }
resource "terraform_data" "unknown_distinct" { input = distinct([terraform_data.one.id, terraform_data.two.id])[0] }
resource "terraform_data" "unknown_try" { input = try(cidrsubnet(terraform_data.one.id, 8, 1), "fell through") }
resource "terraform_data" "unknown_can" { input = can(tonumber(terraform_data.one.id)) ? "number" : "text" }
resource "terraform_data" "unknown_tonumber" { input = try(tonumber(terraform_data.one.id), terraform_data.one.id) }
resource "terraform_data" "unknown_coalesce" { input = coalesce(terraform_data.exact_attr.output, "none") }
resource "terraform_data" "unknown_function" { input = yamlencode(terraform_data.one.id) }
resource "terraform_data" "unknown_function_try" { input = try(yamldecode(terraform_data.one.id), "fell through") }
resource "terraform_data" "unknown_regex" { input = regexall("^[0-9a-f]", terraform_data.one.id) }
resource "terraform_data" "unknown_replace" { input = replace(terraform_data.one.id, "/zz/", "z") }
resource "terraform_data" "unknown_join" { input = join(",", terraform_data.many[*].id) }
resource "terraform_data" "unknown_split" { input = split("-", terraform_data.one.id)[0] }
resource "terraform_data" "unknown_json" { input = jsondecode(jsonencode({ a = terraform_data.one.id })).a }
resource "terraform_data" "unknown_contains" { input = contains(terraform_data.many[*].id, "x") ? "in" : terraform_data.one.id }
resource "terraform_data" "unknown_directive" { input = "%{if var.flag}${terraform_data.one.id}%{endif}" }
resource "terraform_data" "unknown_template_for" { input = "%{for r in terraform_data.many}${r.id}%{endfor}" }
resource "terraform_data" "unknown_object" { input = { a = terraform_data.one.id } }
resource "terraform_data" "unknown_and" { input = terraform_data.one.id == "x" && var.flag ? "x" : "y" }
