resource "terraform_data" "plain" {
  input = "overridden"
}
