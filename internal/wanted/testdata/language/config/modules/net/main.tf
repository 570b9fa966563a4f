variable "vpc" { type = string }
variable "members" { type = set(string) }
variable "options" {
  type = object({ primary = string, spare = optional(string, "none") })
}
resource "terraform_data" "made" {
  input = var.vpc
}
resource "terraform_data" "per_member" {
  input = { primary = var.options.primary, spare = var.options.spare }["primary"]
}
output "vpc" { value = var.vpc }
output "made" { value = terraform_data.made.id }
output "members" { value = var.members }
output "primary" { value = var.options.primary }
