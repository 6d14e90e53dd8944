# The endpoint services of all clusters of a project in one region.
list "tidblink_endpoint_service" "oregon" {
  provider = tidblink

  config {
    project_id = "1370000000000000001"
    region     = "us-west-2"
  }
}
