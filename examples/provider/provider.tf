terraform {
  required_providers {
    tidblink = {
      source  = "tidblink/tidblink"
      version = "~> 0.1"
    }
  }
}

# The TiDB Cloud API key comes from TIDBCLOUD_PUBLIC_KEY and TIDBCLOUD_PRIVATE_KEY, the AWS credentials from wherever the
# AWS CLI would find them.
provider "tidblink" {}
