terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.left, aws.right]
    }
  }
}
resource "aws_vpc" "left" {
  provider   = aws.left
  cidr_block = "10.3.0.0/16"
}
resource "aws_vpc" "right" {
  provider   = aws.right
  cidr_block = "10.4.0.0/16"
}
resource "aws_vpc_peering_connection" "this" {
  provider    = aws.left
  vpc_id      = aws_vpc.left.id
  peer_vpc_id = aws_vpc.right.id
  peer_region = "eu-central-1"
}
module "deep" {
  source = "../vpc"
  cidr   = "10.5.0.0/16"
  providers = {
    aws = aws.right
  }
}
