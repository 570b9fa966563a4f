variable "v" { default = "1" }
resource "terraform_data" "root" { triggers_replace = var.v }
resource "terraform_data" "middle" { triggers_replace = terraform_data.root.id }
resource "terraform_data" "first" { triggers_replace = terraform_data.middle.id }
resource "terraform_data" "beside" { triggers_replace = terraform_data.root.id }
resource "terraform_data" "alone" { triggers_replace = var.v }
resource "terraform_data" "trigger" { input = var.v }
resource "terraform_data" "by_resource" { input = "x" }
resource "terraform_data" "by_attribute" { input = "x" }
resource "terraform_data" "by_nothing" { input = "x" }
resource "terraform_data" "ignored" { input = var.v }
resource "terraform_data" "all_ignored" {
  input            = var.v
  triggers_replace = var.v
}
resource "terraform_data" "part_ignored" { input = var.v }
resource "terraform_data" "dropped" { input = "was set" }
resource "terraform_data" "same" { input = { a = [1, "2", true, null] } }
resource "terraform_data" "counted" {
  count = 2
  input = "${count.index}-${var.v}"
}
resource "terraform_data" "by_index" {
  count = 2
  input = "x"
}
resource "terraform_data" "tainted" { input = "x" }
resource "terraform_data" "ignored_till_replaced" {
  input            = var.v
  triggers_replace = var.v
}
resource "terraform_data" "all_ignored_till_replaced" { input = var.v }
resource "terraform_data" "ignored_and_tainted" { input = var.v }
