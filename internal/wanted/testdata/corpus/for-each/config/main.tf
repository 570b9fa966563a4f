locals {
  wanted = { one = { size = 1 }, three = { size = 3, on = ["a", "b"] } }
  pairs  = merge([for k, v in local.wanted : { for z in try(v.on, []) : "${k}-${z}" => { of = k, zone = z } }]...)
}
resource "terraform_data" "set" {
  for_each = toset(["a", "c", "quote \"q\" ${"$"}{x}"])
  input    = each.key
}
resource "terraform_data" "map" {
  for_each = local.wanted
  input    = each.value.size * 2
}
resource "terraform_data" "chained" {
  for_each = terraform_data.map
  input    = each.value.id
}
resource "terraform_data" "pairs" {
  for_each = local.pairs
  input    = "${each.value.of}/${each.value.zone}"
}
resource "terraform_data" "by_key" {
  for_each = local.pairs
  input    = terraform_data.map[each.value.of].id
}
