resource "terraform_data" "set" {
  for_each = toset(["a", "b", "quote \"q\" ${"$"}{x}"])
  input    = each.key
}
resource "terraform_data" "map" {
  for_each = { one = { size = 1 }, two = { size = 2 } }
  input    = each.value.size
}
