terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "region" { default = "us-east-2" }
provider "aws" {
  region = var.region

  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true

  default_tags {
    tags = { From = "root" }
  }
}
provider "aws" {
  alias  = "peer"
  region = "eu-central-1"

  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true

  default_tags {
    tags = { From = "peer" }
  }
}
module "inherits" {
  source = "./vpc"
  cidr   = "10.1.0.0/16"
}
module "handed" {
  source = "./vpc"
  cidr   = "10.2.0.0/16"
  providers = {
    aws = aws.peer
  }
}
module "two" {
  source = "./two"
  providers = {
    aws.left  = aws
    aws.right = aws.peer
  }
}
