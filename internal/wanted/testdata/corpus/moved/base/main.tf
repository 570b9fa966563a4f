resource "terraform_data" "old" { input = "a" }
resource "terraform_data" "single" { input = "b" }
resource "terraform_data" "counted" {
  count = 2
  input = count.index
}
resource "terraform_data" "all" {
  for_each = toset(["x", "y"])
  input    = each.key
}
resource "terraform_data" "first" { input = "chain" }
resource "terraform_data" "into" { input = "module" }
resource "terraform_data" "forgotten" { input = "kept" }
resource "terraform_data" "destroyed" { input = "gone" }
resource "terraform_data" "blocked_from" { input = "1" }
resource "terraform_data" "blocked_to" { input = "2" }
module "before" {
  source = "./m"
}
module "one" {
  source = "./m"
}
