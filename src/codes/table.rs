//! The table: group, code, title, and what the guide says. It is read as a page, in this order.

/// Declares [`Code`] from the table.
macro_rules! codes {
    ($($group:literal { $($variant:ident = $code:literal, $title:literal, $guide:literal;)+ })+) => {
        /// A situation that a user can be told of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $title] $variant,)+)+
        }

        impl Code {
            /// All codes, in the order of the guide.
            pub const ALL: &[Self] = &[$($(Self::$variant,)+)+];

            /// The code as links have it.
            pub const fn as_str(self) -> &'static str {
                match self { $($(Self::$variant => $code,)+)+ }
            }

            /// The part of the guide that it is in.
            pub const fn group(self) -> &'static str {
                match self { $($(Self::$variant => $group,)+)+ }
            }

            /// What it is, in a few words.
            pub const fn title(self) -> &'static str {
                match self { $($(Self::$variant => $title,)+)+ }
            }

            /// Why it happens and what to do, in Markdown.
            pub const fn guide(self) -> &'static str {
                match self { $($(Self::$variant => $guide,)+)+ }
            }
        }
    };
}

codes! {
    "Settings and credentials" {
        MissingApiKey = "missing-api-key", "There is no TiDB Cloud API key",
            "Make a key in the TiDB Cloud console under Organization Settings > API Keys, with the role Organization Owner or \
             Project Owner, and set `TIDBCLOUD_PUBLIC_KEY` and `TIDBCLOUD_PRIVATE_KEY`, or `public_key` and `private_key` in the \
             provider block.";
        ApiKeyHalves = "api-key-halves", "The halves of the API key come from different places",
            "One half is in the provider block and the other in the environment. They only work as a pair: set both in one \
             place.";
        ApiKeyRefused = "api-key-refused", "TiDB Cloud does not accept the API key",
            "The key was deleted, belongs to another organization, or its halves do not belong together. The message says where \
             the key was taken from. Look it up under Organization Settings > API Keys, or make a new one.";
        ApiKeyRole = "api-key-role", "The API key may not do this",
            "Private endpoints need the role Organization Owner or Project Owner. Give the key that role, or use one that has it.";
        NoCredentials = "no-credentials", "There are no cloud credentials",
            "On AWS they are found as the AWS CLI finds them: environment, profile, `aws sso login`, a web identity, the \
             machine's role. On Alibaba Cloud: environment, OIDC, a profile of `aliyun configure`, the RAM role of an ECS \
             instance. Try the same shell with `aws sts get-caller-identity` or `aliyun sts GetCallerIdentity`.";
        CredentialsRefused = "credentials-refused", "The cloud does not accept the credentials",
            "The access key is unknown or switched off, or the secret does not fit it. `aws sts get-caller-identity` or \
             `aliyun sts GetCallerIdentity` shows which credentials are in use.";
        CredentialsExpired = "credentials-expired", "The session has expired",
            "A session's token is over, or this machine's clock is off. Log in again (`aws sso login`), or use a role, whose keys \
             are renewed while an apply runs.";
        ActionDenied = "action-denied", "The credentials may not do this",
            "An IAM or RAM policy, a permissions boundary or a service control policy denies the action that the message names. \
             The guide about permissions has policies with the actions that are needed, and no others.";
        AccountBlocked = "account-blocked", "The AWS account is blocked",
            "The account is suspended or not signed up for EC2. Only AWS support can mend that.";
        RegionNotEnabled = "region-not-enabled", "The AWS account has not opted into the region",
            "Enable the region under AWS Account > AWS Regions, wait until it is enabled, and run again.";
        HalfAccessKey = "half-access-key", "Half of an Alibaba Cloud AccessKey pair is set",
            "Set both `access_key` and `secret_key` in `alicloud` of the provider block, or neither.";
        SettingNotKnown = "setting-not-known", "A provider setting is not known at plan",
            "The provider block takes a value from a resource that this run has yet to make. Apply that resource first with \
             `-target`, or in a configuration of its own.";
        ServiceAddress = "service-address", "An address of a service cannot be used",
            "Addresses in `endpoints` or the environment must be `https`, without user and password; plain `http` is for loopback \
             only.";
        TimeScale = "time-scale", "`TIDBLINK_TIME_SCALE` is no scale",
            "The variable makes the provider's clock run faster, for tests against a sandbox. Unset it.";
    }
    "Arguments" {
        InvalidValue = "invalid-value", "An argument has a value that it cannot have",
            "The message names the argument, what it takes and what was found.";
        ConflictingArguments = "conflicting-arguments", "Arguments exclude each other",
            "Exactly one of the blocks `aws`, `alicloud` and `existing` belongs to a private endpoint: that of the cloud that the \
             service is on, or `existing` for an endpoint that somebody else makes. A list takes one of `project_id`, `cluster_id` \
             and `service_id`. The message names the arguments that are set.";
        MissingArgument = "missing-argument", "An argument is missing",
            "A required argument that is null counts as left out: a variable without a value, or an output that is empty. \
             Exactly one of the blocks `aws`, `alicloud` and `existing` belongs to a private endpoint, and one of `project_id`, \
             `cluster_id` and `service_id` to a list.";
        MalformedId = "malformed-id", "An id does not look like one",
            "Ids are compared with the form that the service gives them before anything is looked up. Copy it again from the \
             console, and mind whether a VPC, subnet, security group, cluster or service was meant.";
        UnusableTimeout = "unusable-timeout", "A timeout is not a duration",
            "Write durations as Go does: `45m`, `1h30m`.";
        UnusableTag = "unusable-tag", "A tag cannot be set",
            "AWS and Alibaba Cloud have rules for keys and values, `aws:` belongs to AWS, and keys that begin with `tidblink:` \
             are how this provider knows its endpoints. The message says which rule it is.";
        TooManyTags = "too-many-tags", "There are too many tags",
            "The provider needs some tags of an endpoint for itself. The message says how many are left for you.";
        UnusableName = "unusable-name", "A name cannot be given to an endpoint",
            "Alibaba Cloud takes 2 to 128 letters, digits, hyphens and underscores, a letter first.";
        WaitInVain = "wait-in-vain", "`wait_for_dns` would wait for ever",
            "With `private_dns_enabled = false` nothing makes `host` resolve to the endpoint; with `existing` its private DNS is for \
             others to switch on, after the registration. Switch private DNS on where it is off, or take `wait_for_dns` out.";
    }
    "Clusters and their services" {
        ClusterNotFound = "cluster-not-found", "TiDB Cloud shows no such cluster",
            "The id is the number after `clusters/` in the console's address. The API key must belong to the same organization, \
             and to the project if it is a project's key.";
        PlanNotSupported = "plan-not-supported", "The cluster's plan is not supported",
            "TiDB Cloud has no API for private endpoints of that plan. Make the endpoint in the console.";
        CloudNotSupported = "cloud-not-supported", "The cluster's cloud is not supported",
            "This version makes endpoints for Dedicated on AWS, and for Starter and Essential on AWS and Alibaba Cloud.";
        NoNodeGroups = "no-node-groups", "`node_group_id` is for Dedicated clusters",
            "Starter and Essential clusters have no node groups. Leave the argument out.";
        NodeGroupNotFound = "node-group-not-found", "The cluster has no such node group",
            "The message lists those that it has. Leave `node_group_id` out for the default one.";
        NoDefaultNodeGroup = "no-default-node-group", "The cluster has no default node group",
            "Name one of the groups that the message lists in `node_group_id`.";
        ServiceMissing = "service-missing", "The cluster has no endpoint service",
            "Services come with their clusters, but not for clusters from before March 2023. A `tidblink_endpoint_service` for \
             the cluster asks TiDB Cloud for one.";
        ServiceBlocked = "service-blocked", "The endpoint service cannot be used",
            "The cluster is paused, being changed or deleted, or TiDB Cloud has not allowed endpoints for it. Bring the \
             cluster to the state that the message asks for, and run again.";
        ServiceNameless = "service-nameless", "The endpoint service has no name yet",
            "TiDB Cloud shows the service as active before it has told its name. Run again in a few minutes; if it stays so, \
             contact TiDB Cloud support.";
        ServiceTimeout = "service-timeout", "The endpoint service is not active in time",
            "TiDB Cloud usually takes 3 to 5 minutes to make a service. Nothing is lost: run `terraform apply` again, with a \
             longer `timeouts` if need be.";
        ServiceDeleting = "service-deleting", "The endpoint service is being deleted",
            "That happens with its cluster or node group. Endpoints that lead to it stop working for good: take them out of the \
             configuration, or point them at another service.";
        NothingToRegister = "nothing-to-register", "The cluster registers no endpoints",
            "`existing` is for Dedicated clusters. Starter and Essential clusters accept every endpoint by themselves: take the \
             resource out, and connect to `host` of the `tidblink_endpoint_service`, or use an `aws` or `alicloud` block.";
        OtherCloud = "other-cloud", "The service is on another cloud",
            "An endpoint is made in the cloud that its service is on. Use that cloud's block and ids.";
        NoClusters = "no-clusters", "The project shows no clusters",
            "A mistyped project looks like an empty one. Compare the id with the project's settings in the console, and check that \
             the key may see the project.";
    }
    "Found before anything is made" {
        VpcNotFound = "vpc-not-found", "The VPC is not in the service's region",
            "Private endpoints do not work across regions, so the VPC is looked for in the region of the service, with the \
             credentials in use. Check the account (`profile`, `assume_role`) and the region; from another region, a Dedicated \
             cluster can be reached through VPC peering.";
        SubnetNotFound = "subnet-not-found", "A subnet is not there",
            "The credentials see no such subnet in the service's region. Name subnets of the endpoint's VPC, or leave `subnet_ids` \
             out to have one chosen in each zone.";
        SubnetOfOtherVpc = "subnet-of-other-vpc", "A subnet is in another VPC",
            "All subnets of an endpoint must be in its `vpc_id`.";
        NoUsableSubnet = "no-usable-subnet", "No subnet of the VPC can be used",
            "The VPC has no subnet in a zone that the service is offered in. Make one there; `availability_zone_ids` of the \
             service lists the zones.";
        VswitchNotFound = "vswitch-not-found", "A vSwitch is not there",
            "The credentials see no such vSwitch in the service's region. Name vSwitches of the endpoint's VPC, or leave \
             `vswitch_ids` out to have one chosen in each zone.";
        VswitchOfOtherVpc = "vswitch-of-other-vpc", "A vSwitch is in another VPC",
            "All vSwitches of an endpoint must be in its `vpc_id`.";
        NoUsableVswitch = "no-usable-vswitch", "No vSwitch of the VPC can be used",
            "The VPC has no vSwitch in a zone that the service is offered in. Make one there; `availability_zone_ids` of the \
             service lists the zones.";
        ZoneUnsupported = "zone-unsupported", "The service is not offered in a zone",
            "Compare zone ids (`usw2-az1`), not names: names differ between accounts. Use subnets in the zones of \
             `availability_zone_ids`; clients in other zones of the VPC reach the endpoint, too.";
        DuplicateZone = "duplicate-zone", "Two subnets are in one zone",
            "An endpoint has one network interface in each zone. Keep one subnet of each.";
        NoFreeAddress = "no-free-address", "A subnet has no free address",
            "The endpoint needs one address in each subnet. Free one, or use another subnet of the zone.";
        SubnetsChosen = "subnets-chosen", "Subnets are chosen for you",
            "`subnet_ids` or `vswitch_ids` is left out, so one supported subnet in each zone is taken and kept. Name them to \
             decide yourself.";
        SecurityGroupNotFound = "security-group-not-found", "A security group is not there",
            "The credentials see no such group in the service's region. Name groups of the endpoint's VPC.";
        SecurityGroupOfOtherVpc = "security-group-of-other-vpc", "A security group is in another VPC",
            "The groups of an endpoint must be in its own VPC.";
        PortClosed = "port-closed", "No security group lets the port in",
            "Clients connect to the endpoint at the service's port, 4000 unless the cluster has another one, and the groups of the \
             endpoint decide who may. Add an inbound rule for TCP from where the clients are; the message has it in HCL. It is a \
             warning, because rules may be added later or name groups of other VPCs.";
        NoSecurityGroups = "no-security-groups", "The endpoint has no security groups",
            "On Alibaba Cloud an endpoint that is made without security groups never takes any. Set `security_group_ids`; if the \
             endpoint exists already, it has to be made anew with `terraform apply -replace=ADDRESS`.";
        TooManySecurityGroups = "too-many-security-groups", "There are too many security groups",
            "AWS takes five for a network interface unless the quota was raised, Alibaba Cloud ten for an endpoint. Put rules \
             together in fewer groups.";
        DnsSupportOff = "dns-support-off", "DNS support of the VPC is off",
            "Private DNS needs `enable_dns_support = true` and `enable_dns_hostnames = true` on the `aws_vpc`.";
        DnsHostnamesOff = "dns-hostnames-off", "DNS hostnames of the VPC are off",
            "Private DNS needs `enable_dns_hostnames = true` on the `aws_vpc`. It is off by default in a VPC that was made in the \
             AWS console.";
        PrivateDnsNotOffered = "private-dns-not-offered", "The service has no private DNS name",
            "Set `private_dns_enabled = false` and connect through one of `dns_names`, or ask TiDB Cloud support why there is none.";
        PrivateDnsUnverified = "private-dns-unverified", "The service's DNS name is not verified",
            "Until its owner, TiDB Cloud, has verified the name, AWS does not let it resolve to endpoints. Try again later; with \
             `private_dns_enabled = false` the endpoint can be made now.";
        NameOwned = "name-owned", "Something else owns the DNS name in the VPC",
            "A name leads to one endpoint of a VPC only. It may be another endpoint of the same service, a private hosted zone, an \
             endpoint that another account shared into the VPC, or one that was deleted minutes ago. Remove it or import it, or \
             set `private_dns_enabled = false`.";
        SharedZoneTaken = "shared-zone-taken", "The shared endpoint has another subnet in the zone",
            "One endpoint serves all Starter and Essential clusters from a VPC, and it has one subnet in each zone. Name the one \
             that it has, or leave `subnet_ids` out.";
        SharedForeign = "shared-foreign", "Somebody else's endpoint is used",
            "An endpoint that this provider did not make serves the VPC already, and there can be no second one. It is used, and \
             never changed or deleted. Import it to have the provider look after it.";
        EndpointQuota = "endpoint-quota", "The VPC has as many endpoints as its quota allows",
            "Remove one, use another VPC, or have the quota raised (AWS Service Quotas, Quota Center of Alibaba Cloud).";
        InterfaceQuota = "interface-quota", "The quota of network interfaces is used up",
            "Raise the quota of network interfaces per region in AWS Service Quotas, or remove some.";
        ServiceNotVisible = "service-not-visible", "The cloud does not show the endpoint service",
            "A service appears some minutes after its cluster. Later it means that the cluster is gone or paused, or that the \
             service does not let this account in: ask TiDB Cloud support.";
        AcceptanceRequired = "acceptance-required", "The service does not accept endpoints by itself",
            "Essential clusters with a service of their own need every endpoint accepted in the TiDB Cloud console, and no API does \
             that. Make the endpoint there.";
        ProductNotActivated = "product-not-activated", "PrivateLink is not activated",
            "Open https://vpc.console.alibabacloud.com/endpoint and follow the prompt. That accepts terms and prices, so the \
             provider never does it.";
        RegionUnsupported = "region-unsupported", "The region has no PrivateLink",
            "Alibaba Cloud offers no PrivateLink in the region of the service, or not to this account. Contact Alibaba Cloud \
             support.";
        ServiceRoleMissing = "service-role-missing", "PrivateLink's own role is missing",
            "Allow `ram:CreateServiceLinkedRole` for the credentials, or make an endpoint once in the console.";
        NotChecked = "not-checked", "Some checks could not be made",
            "The credentials may not read what the message lists, so a mistake there would only show during the apply. Allow the \
             actions to have it found at plan; all of them only read.";
        ExistingNotChecked = "existing-not-checked", "The endpoint of `existing` is not checked",
            "Somebody else looks after it, so its cloud is not asked. The message lists what they have to see to.";
    }
    "While an endpoint is made, changed or deleted" {
        Timeout = "timeout", "The time was up",
            "The message tells what was seen and when, on both sides. What was made is kept in the state. Run again to go on from \
             there, after `terraform untaint ADDRESS` if a create failed, and set longer `timeouts` if the services were only slow.";
        DnsNotSeen = "dns-not-seen", "The host does not resolve to the endpoint from here",
            "The endpoint works, but `wait_for_dns` asks the resolver of the machine that Terraform runs on, and only resolvers \
             of the VPC know the name. Run Terraform there, or take `wait_for_dns` out.";
        Stopped = "stopped", "Terraform was asked to stop",
            "What was made is kept. Run the same command again to go on.";
        Interrupted = "interrupted", "An apply was interrupted",
            "The state holds what was made, and the next `terraform apply` finishes it. Nothing has to be cleaned up.";
        SideFailed = "side-failed", "One side failed",
            "The message says which side, AWS, Alibaba Cloud or TiDB Cloud, and what it says itself. What exists is kept in the \
             state; the message ends with the commands to go on.";
        Unmarked = "unmarked", "The endpoint works, but keeps a mark",
            "The last call, which takes the mark of an unfinished endpoint away, failed. The next `terraform apply` does that.";
        Disconnected = "disconnected", "The endpoint is disconnected",
            "It failed, was rejected or expired, and `on_disconnect = \"fail\"` leaves the decision to you: set it to `repair` or \
             `replace`, and apply.";
        PrivateDnsTooEarly = "private-dns-too-early", "Private DNS has to wait for the acceptance",
            "AWS lets private DNS be switched on only after TiDB Cloud has accepted the endpoint. Run `terraform apply` again.";
        AlreadyRegistered = "already-registered", "The endpoint is registered already",
            "A registration was made meanwhile. Run `terraform apply` again: it is found then.";
        ForeignRegistration = "foreign-registration", "A registration is there that may be another's",
            "A registration bears no mark, so whose it is cannot be told and it is not taken over. The message lists whose it can be: \
             use the `host` of the resource that holds it, use a `moved` block, or import it if no state knows it.";
        ChangeInProgress = "change-in-progress", "Another change is going on",
            "The cloud takes one change of an endpoint at a time. Run again when the other one is done.";
        SharedEndpointFull = "shared-endpoint-full", "The shared endpoint is full",
            "One endpoint can be shared by 40 private endpoints, each counted by a tag. Put further clusters into another VPC, or \
             set `private_dns_enabled = false` for an endpoint of its own.";
        ExistsAlready = "exists-already", "The private endpoint exists already",
            "This provider made it, in another resource, another workspace, or a run that was killed before its state was saved. \
             The message has the import block for the last case; never import what another state holds.";
        TakenOver = "taken-over", "Another run took the endpoint over",
            "This run gave no sign of life for three minutes, so another one went on with its endpoint. Find the workspace that \
             holds it now, and remove the resource here with `terraform state rm`.";
        EndpointGone = "endpoint-gone", "The endpoint is gone",
            "Somebody deleted it meanwhile. Run `terraform apply` again: it is made anew.";
        EndpointProtected = "endpoint-protected", "The endpoint is protected",
            "Only the session that protected it may change or delete it. Take the protection away with that session.";
        TooManyRequests = "too-many-requests", "Too many requests",
            "The service still refused requests when the time was up. TiDB Cloud allows a hundred a minute for each key: lower \
             `request_budget` where several pipelines share one, or raise `timeouts`.";
        AccountLimit = "account-limit", "A limit of the account is reached",
            "Raise the quota that the message names, or remove something.";
        NotFound = "not-found", "What was asked for does not exist",
            "It was deleted, or these credentials may not see it.";
        InUse = "in-use", "Something else is using it",
            "Another change clashes with this one. Run again when it is done.";
        RequestRefused = "request-refused", "The service refuses the request",
            "Repeating it would not help. Compare the arguments with the service's own words in the message.";
        ServiceUnavailable = "service-unavailable", "A service cannot be reached",
            "It was away or out of order, or the network, a proxy or a firewall is in between; the request was repeated as long as \
             the time allowed. Run again: what was made is kept.";
        UnreadableAnswer = "unreadable-answer", "An answer cannot be read",
            "It is not what the service documents. Check proxies and overridden `endpoints`; otherwise report it with the request \
             id.";
    }
    "State, import and destroy" {
        NotOurs = "not-ours", "The endpoint is not this resource's",
            "Its tags do not bear the token that the state holds, so it may serve somebody else and is left alone. If it is yours, \
             import it.";
        OutOfSight = "out-of-sight", "The endpoint cannot be seen with these credentials",
            "TiDB Cloud has it registered, but the cloud shows neither it nor its VPC: the credentials are most likely another \
             account's. Check the profile, the role and the environment.";
        StateIncomplete = "state-incomplete", "The state holds no ids",
            "Somebody edited the state. Remove the resource with `terraform state rm`, and import it again.";
        RegionUnknown = "region-unknown", "The endpoint's region is not known",
            "Neither the state nor TiDB Cloud knows it, because the cluster is gone. Delete the endpoint by hand if it is there, and \
             remove the resource with `terraform state rm`.";
        NothingToImport = "nothing-to-import", "There is nothing to import",
            "Neither side has an endpoint of that id. Check the id, the credentials and the region.";
        LeadsElsewhere = "leads-elsewhere", "The endpoint leads to another service",
            "Import it by the id of the service that it leads to. An endpoint of another service cannot be taken over either: have a \
             new one made.";
        EndpointOfOtherVpc = "endpoint-of-other-vpc", "The endpoint to take over is in another VPC",
            "An endpoint cannot move. Set `vpc_id` to the VPC that the message names, or have a new endpoint made with `terraform \
             apply -replace=ADDRESS`.";
        NothingToTakeOver = "nothing-to-take-over", "There is no endpoint to take over",
            "The cloud does not show it with these credentials, or it is deleted, rejected or failed for good. Check the profile, the \
             role and the environment, leave it at `existing`, or have a new one made with `terraform apply -replace=ADDRESS`.";
        OnlyRegistration = "only-registration", "Only the registration was imported",
            "TiDB Cloud has the endpoint registered, but these credentials do not show it, so it is imported with `existing`. Change \
             that to an `aws` block, with credentials of its account, to have it looked after here.";
        CannotMove = "cannot-move", "The object of a `moved` block cannot be moved",
            "Only `tidbcloud_dedicated_private_endpoint_connection` of the official provider, on AWS, can become a \
             `tidblink_private_endpoint`. The message says what is wrong with this one; nothing was changed.";
        ListCutShort = "list-cut-short", "The list is not whole",
            "`terraform query` was stopped, or took longer than a list may. Run it again; `service_id` or `cluster_id` in the list's \
             configuration make it shorter.";
        BeingMade = "being-made", "Another run is making the endpoint",
            "It bore a sign of life within the last three minutes. Wait until that run is done; import the endpoint only if no \
             other state holds it then.";
        NoSuchEndpoint = "no-such-endpoint", "There is no such private endpoint",
            "The data source found it on neither side. Check the id and the credentials.";
        LeftToOthers = "left-to-others", "The endpoint is left to others",
            "With `existing` only the registration is this resource's from then on. Let another resource manage the endpoint, or \
             delete it by hand, because it costs as long as it is there.";
        Kept = "kept", "The endpoint was kept",
            "It was there before the resource, so a destroy only forgets it. Delete it where it is managed.";
        KeptForOthers = "kept-for-others", "The endpoint stays for others",
            "It is shared, and others are counted on it. The last one to go deletes it. Only the count of a state that was lost has \
             to be taken away by hand; the message has the command.";
    }
    "The provider itself" {
        ProviderMistake = "provider-mistake", "The provider made a mistake",
            "A service refused what should never have been sent. Run again, and please report the message.";
        ProviderCrashed = "provider-crashed", "The provider panicked",
            "This is a bug: please report it with the stack trace. What was done before is done, so look at both sides before you \
             try again.";
        Plugin = "plugin", "Terraform and the provider misunderstand each other",
            "The state was written by another version, or Terraform asked for something that this version does not have. Check \
             the provider's version (`terraform version`), and report it if that does not explain the message.";
    }
}
