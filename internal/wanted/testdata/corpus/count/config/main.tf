variable "on" {
  type    = bool
  default = false
}
resource "terraform_data" "grows" {
  count = length(["a", "b", "c"])
  input = "n-${count.index}"
}
resource "terraform_data" "shrinks" {
  count = 1
  input = count.index
}
resource "terraform_data" "single_to_count" {
  count = 2
  input = "one"
}
resource "terraform_data" "count_to_single" { input = "two" }
resource "terraform_data" "switch" {
  count = var.on ? 1 : 0
  input = "on"
}
resource "terraform_data" "stays" { input = "same" }
resource "terraform_data" "reads" {
  input = [terraform_data.grows[0].id, terraform_data.grows[1].output, one(terraform_data.switch[*].id)]
}
resource "terraform_data" "reads_new" { input = terraform_data.grows[2].id }
resource "terraform_data" "all" { input = terraform_data.grows[*].id }
