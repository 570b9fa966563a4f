resource "terraform_data" "exact_attr" { input = terraform_data.one.id }
resource "terraform_data" "exact_wrap" { input = terraform_data.one.id }
resource "terraform_data" "exact_parens" { input = (terraform_data.one.id) }
resource "terraform_data" "exact_count" {
  count = 3
  input = terraform_data.many[count.index].id
}
resource "terraform_data" "exact_each_key" {
  for_each = local.subnets
  input    = terraform_data.each[each.key].id
}
resource "terraform_data" "exact_each_value" {
  for_each = local.subnets
  input    = terraform_data.many[each.value.at].id
}
resource "terraform_data" "exact_each_is_ref" {
  for_each = local.ids
  input    = each.value
}
resource "terraform_data" "exact_conditional" {
  for_each = local.subnets
  input    = each.value.vpc == "app" ? terraform_data.one.id : terraform_data.two.id
}
resource "terraform_data" "exact_not_null" { input = terraform_data.one.id != null ? terraform_data.one.id : "none" }
resource "terraform_data" "exact_local" { input = local.first }
resource "terraform_data" "exact_local_map" { input = local.ids["b"] }
resource "terraform_data" "exact_one" { input = one([terraform_data.one.id]) }
resource "terraform_data" "exact_one_splat" { input = one(terraform_data.one[*].id) }
resource "terraform_data" "exact_one_set" { input = one(toset([terraform_data.one.id])) }
resource "terraform_data" "exact_try" { input = try(terraform_data.one.id, "none") }
resource "terraform_data" "exact_try_missing" { input = try(terraform_data.none[0].id, terraform_data.one.id) }
resource "terraform_data" "exact_element" { input = element(terraform_data.many[*].id, 4) }
resource "terraform_data" "exact_lookup" { input = lookup(local.ids, "c", "none") }
resource "terraform_data" "exact_lookup_default" { input = lookup({ k = "v" }, "z", terraform_data.one.id) }
resource "terraform_data" "exact_merge" { input = merge(local.ids, { b = terraform_data.two.id })["b"] }
resource "terraform_data" "exact_coalesce" { input = coalesce(local.nothing, "", terraform_data.one.id, "none") }
resource "terraform_data" "exact_values" { input = values(local.ids)[1] }
resource "terraform_data" "exact_zipmap" { input = zipmap(var.names, terraform_data.many[*].id)["c"] }
resource "terraform_data" "exact_flatten" { input = flatten([["x"], [terraform_data.one.id]])[1] }
resource "terraform_data" "exact_concat" { input = concat(["x"], terraform_data.many[*].id)[1] }
resource "terraform_data" "exact_slice" { input = slice(terraform_data.many[*].id, 1, 2)[0] }
resource "terraform_data" "exact_reverse" { input = reverse(terraform_data.many[*].id)[0] }
resource "terraform_data" "exact_tolist" { input = tolist([terraform_data.one.id, "x"])[0] }
resource "terraform_data" "exact_tostring" { input = tostring(terraform_data.one.id) }
resource "terraform_data" "exact_sensitive" { input = nonsensitive(sensitive(terraform_data.one.id)) }
resource "terraform_data" "exact_chunk" { input = chunklist(terraform_data.many[*].id, 2)[1][0] }
resource "terraform_data" "exact_distinct" { input = distinct([terraform_data.one.id, terraform_data.one.id])[0] }
resource "terraform_data" "exact_attr_index" { input = terraform_data.each["a"].id }
resource "terraform_data" "exact_module" { input = module.net["y"].vpc }
resource "terraform_data" "exact_module_made" { input = module.net["y"].made }
resource "terraform_data" "exact_module_counted" { input = module.counted[1].value }
resource "terraform_data" "exact_module_chain" { input = module.chain.value }
resource "terraform_data" "exact_module_empty" { input = module.none.value }
resource "terraform_data" "exact_module_option" { input = module.net["x"].primary }
resource "terraform_data" "exact_through" { input = terraform_data.exact_attr.id }
resource "terraform_data" "exact_override" { input = "replaced by the override file" }
resource "terraform_data" "exact_workspace" { input = { default = terraform_data.one.id }["default"] }
