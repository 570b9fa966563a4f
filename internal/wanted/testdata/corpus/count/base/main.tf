resource "terraform_data" "grows" {
  count = 2
  input = "n-${count.index}"
}
resource "terraform_data" "shrinks" {
  count = 3
  input = count.index
}
resource "terraform_data" "single_to_count" { input = "one" }
resource "terraform_data" "count_to_single" {
  count = 1
  input = "one"
}
resource "terraform_data" "switch" {
  count = 1
  input = "on"
}
resource "terraform_data" "stays" { input = "same" }
