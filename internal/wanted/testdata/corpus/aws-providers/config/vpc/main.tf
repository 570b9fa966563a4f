variable "cidr" {}
resource "aws_vpc" "this" {
  cidr_block = var.cidr
  tags       = { Name = "m" }
}
output "id" { value = aws_vpc.this.id }
