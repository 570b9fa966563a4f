variable "vpc_id" {}
variable "region" {}
provider "aws" {
  region                      = var.region
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
resource "aws_subnet" "this" {
  count      = 2
  vpc_id     = var.vpc_id
  cidr_block = cidrsubnet("10.0.0.0/16", 8, count.index)
}
resource "aws_route_table" "this" {
  vpc_id = var.vpc_id
  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.this.id
  }
}
resource "aws_eip" "this" {
  domain = "vpc"
}
resource "aws_nat_gateway" "this" {
  subnet_id     = aws_subnet.this[0].id
  allocation_id = aws_eip.this.allocation_id
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = var.vpc_id
  service_name    = "com.amazonaws.${var.region}.s3"
  route_table_ids = toset([aws_route_table.this.id])
}
resource "aws_security_group" "a" {
  vpc_id = var.vpc_id
}
resource "aws_security_group_rule" "a" {
  type                     = "ingress"
  from_port                = 443
  to_port                  = 443
  protocol                 = "tcp"
  security_group_id        = aws_security_group.a.id
  source_security_group_id = aws_security_group.a.id
}
resource "aws_route_table_association" "this" {
  count          = 2
  subnet_id      = element(aws_subnet.this.*.id, count.index)
  route_table_id = aws_route_table.this.id
}
