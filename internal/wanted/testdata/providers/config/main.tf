variable "region" { default = "eu-west-1" }
variable "roles" {
  default = { net = "arn:aws:iam::210987654321:role/net" }
}
locals {
  spare = "${var.region == "eu-west-1" ? "eu-central" : "us-east"}-1"
}
provider "aws" {
  region                      = var.region
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
provider "aws" {
  alias                       = "spare"
  region                      = local.spare
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  assume_role {
    role_arn = var.roles["net"]
  }
}
resource "aws_vpc" "hub" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_vpc" "spare" {
  provider   = aws.spare
  cidr_block = "10.1.0.0/16"
}
resource "aws_default_route_table" "hub" {
  default_route_table_id = aws_vpc.hub.default_route_table_id
}
module "net" {
  source = "./net"
  vpc_id = aws_vpc.hub.id
  region = "us-west-2"
}
module "inherits" {
  source    = "./plain"
  providers = { aws = aws.spare }
  vpc_id    = aws_vpc.spare.id
}
