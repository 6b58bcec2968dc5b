use super::*;
use crate::aws::Region;

fn bucket(region: &str, name: &str, access_key: &str, secret_key: &str) -> Result<Bucket, Unusable> {
    Bucket::new(region.parse().unwrap(), name.to_owned(), access_key.into(), secret_key.into())
}

#[test]
fn a_link_is_signed_as_in_the_example_of_the_manual() {
    // "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)", API reference of Amazon S3: there the bucket
    // stands in the host.
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let bucket = bucket("us-east-1", "examplebucket", "AKIAIOSFODNN7EXAMPLE", secret).unwrap();
    let url = "https://examplebucket.s3.amazonaws.com/test.txt";
    let link = Signed { method: "GET", url, headers: &[], span: Duration::from_hours(24) };
    let now = "2013-05-24T00:00:00Z".parse().unwrap();
    let expected = "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&\
        X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&\
        X-Amz-Expires=86400&X-Amz-SignedHeaders=host&\
        X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    assert_eq!(signed(link, &bucket, now).unwrap(), expected);
}

#[test]
fn a_bucket_is_asked_for_at_the_endpoint_of_its_region_and_by_its_path() {
    let s3 = |endpoint: Option<&str>| S3::new(endpoint.map(str::to_owned), || unreachable!(), Clock::system());
    let bucket = bucket("eu-central-1", "my.bucket", "AKIA", "s").unwrap();
    assert_eq!(s3(None).url(&bucket, "a/b.csv"), "https://s3.eu-central-1.amazonaws.com/my.bucket/a/b.csv");
    assert_eq!(s3(Some("http://127.0.0.1:1/")).url(&bucket, "a"), "http://127.0.0.1:1/my.bucket/a");
}

fn http() -> SharedHttpConnector {
    SharedHttpConnector::new(aws_smithy_http_client::Connector::builder().build_http())
}

/// What comes of putting a file at this port of this machine.
async fn put_at(port: u16, text: String) -> Failure {
    let s3 = S3::new(Some(format!("http://127.0.0.1:{port}")), http, Clock::system());
    let bucket = bucket("eu-central-1", "bucket", "AKIA", "s").unwrap();
    let file = File { key: "a.csv".to_owned(), name: "a.csv".to_owned(), content_type: "text/csv", text };
    s3.put(&bucket, file, Duration::from_millis(300)).await.unwrap_err()
}

#[tokio::test]
async fn a_storage_that_is_silent_is_given_up_and_one_that_is_not_there_is_told() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    assert_eq!(put_at(port, "x".to_owned()).await, Failure::Late);
    assert_eq!(put_at(1, "x".to_owned()).await, Failure::Unreachable);
    assert_eq!(put_at(port, "x".repeat(BYTES_MAX + 1)).await, Failure::TooLarge);
}

#[test]
fn what_could_change_an_address_is_no_bucket_no_key_and_no_region() {
    for name in ["", "ab", "a/b", "a?b", "../a", "a..b", "-ab", "ab.", "AB-C", "a b", "a%2fb", "@host"] {
        assert!(bucket("us-east-1", name, "AKIA", "s").is_err(), "{name}");
    }
    for key in ["", "AK/IA", "AK IA", "AKIA\n", "ÄKIA"] {
        assert!(bucket("us-east-1", "bucket", key, "s").is_err(), "{key}");
    }
    for region in
        ["", "us", "us-east", "us-east-1.evil.example", "us-east-1/", "a@b-c-1", "US-EAST-1", "cn-north-1", "-x-1"]
    {
        assert!(region.parse::<Region>().is_err(), "{region}");
    }
    for region in ["us-east-1", "ap-southeast-12", "us-gov-west-1"] {
        assert!(region.parse::<Region>().is_ok(), "{region}");
    }
}
