terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "us-east-1"

  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true

  default_tags {
    tags = { Team = "net" }
  }
}

resource "aws_vpc" "stays" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "stays" }
}
resource "aws_vpc" "retagged" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "old" }
}
resource "aws_vpc" "replaced" {
  cidr_block = "10.2.0.0/16"
}
resource "aws_vpc" "gone" {
  cidr_block = "10.3.0.0/16"
}
resource "aws_vpc" "drifts" {
  cidr_block = "10.4.0.0/16"
  tags       = { Name = "a", Other = "b" }
}
resource "aws_subnet" "kept" {
  vpc_id     = aws_vpc.stays.id
  cidr_block = cidrsubnet(aws_vpc.stays.cidr_block, 8, 1)
}
resource "aws_subnet" "follows" {
  vpc_id     = aws_vpc.replaced.id
  cidr_block = "10.2.1.0/24"
}
resource "aws_route_table" "of_retagged" {
  vpc_id = aws_vpc.retagged.id
}
resource "aws_route_table" "public" {
  vpc_id = aws_vpc.stays.id
}
resource "aws_route_table_association" "moves" {
  subnet_id      = aws_subnet.kept.id
  route_table_id = aws_route_table.public.id
}
resource "aws_route_table" "private" {
  vpc_id = aws_vpc.stays.id
}
resource "aws_internet_gateway" "gw" {
  vpc_id = aws_vpc.stays.id
}
resource "aws_route_table" "inline" {
  vpc_id = aws_vpc.stays.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.gw.id
  }
}
resource "aws_route" "retargeted" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "10.99.0.0/16"
  gateway_id             = aws_internet_gateway.gw.id
}
resource "aws_route" "redirected" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "10.98.0.0/16"
  gateway_id             = aws_internet_gateway.gw.id
}
resource "aws_security_group" "described" {
  name        = "described"
  description = "old"
  vpc_id      = aws_vpc.stays.id
}
resource "aws_security_group" "ruled" {
  name   = "ruled"
  vpc_id = aws_vpc.stays.id
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
resource "aws_security_group" "unchanged" {
  name   = "unchanged"
  vpc_id = aws_vpc.stays.id
  dynamic "ingress" {
    for_each = toset([80, 443])
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8"]
    }
  }
}
resource "aws_vpc_security_group_ingress_rule" "widened" {
  security_group_id = aws_security_group.unchanged.id
  cidr_ipv4         = "192.168.0.0/24"
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
}
resource "aws_vpc_dhcp_options" "dns" {
  domain_name_servers = ["AmazonProvidedDNS"]
}
resource "aws_subnet" "public" {
  vpc_id                  = aws_vpc.stays.id
  cidr_block              = "10.0.7.0/24"
  map_public_ip_on_launch = true
}
