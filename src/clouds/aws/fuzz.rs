//! Any code and message of AWS. The XML around them is read by AWS's own client.

use ::fuzz::text;

use super::errors;
use crate::ids::Region;
use crate::redact::by_form;

/// The first line is the code, the rest is the message.
#[test]
fn codes_and_messages() {
    text("aws-refusals", |text| {
        let (code, message) = text.split_once('\n').unwrap_or((text, ""));
        for region in ["us-west-2", "il-central-1"] {
            for status in [None, Some(200), Some(403), Some(503)] {
                let region = Region::new(region);
                let error = errors::answered("CreateVpcEndpoint", &region, status, Some(code), Some(message));
                assert!(!error.to_string().is_empty());
            }
        }
        let once = by_form(text);
        assert_eq!(by_form(&once), once, "not everything was taken out at once");
    });
}
