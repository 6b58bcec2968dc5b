//! What the template makes in AWS, made in the emulators: the table, the key and the secret. Made once, found afterwards.

use aws_config::SdkConfig;
use aws_lc_rs::rand;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, StreamSpecification,
    StreamViewType, TimeToLiveSpecification,
};
use data_encoding::BASE64;
use shared::app;
use shared::config::Config;

/// Whatever an emulator may refuse.
pub type Refused = Box<dyn std::error::Error + Send + Sync>;

/// Makes what is missing.
pub async fn provision(config: &Config, aws: &SdkConfig) -> Result<(), Refused> {
    table(config, aws).await?;
    key(config, aws).await?;
    secret(config, aws).await
}

async fn table(config: &Config, aws: &SdkConfig) -> Result<(), Refused> {
    let dynamodb = app::dynamodb(aws, config);
    let attribute =
        |name| AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build();
    let key = |name, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    let stream =
        StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::KeysOnly).build()?;
    let made = dynamodb
        .create_table()
        .table_name(&config.table)
        .attribute_definitions(attribute("pk")?)
        .attribute_definitions(attribute("sk")?)
        .key_schema(key("pk", KeyType::Hash)?)
        .key_schema(key("sk", KeyType::Range)?)
        .billing_mode(BillingMode::PayPerRequest)
        .stream_specification(stream)
        .send()
        .await;
    match made {
        Err(e) if e.as_service_error().is_some_and(|e| e.is_resource_in_use_exception()) => return Ok(()),
        made => made?,
    };
    let ttl = TimeToLiveSpecification::builder().attribute_name("ttl").enabled(true).build()?;
    dynamodb.update_time_to_live().table_name(&config.table).time_to_live_specification(ttl).send().await?;
    Ok(())
}

async fn key(config: &Config, aws: &SdkConfig) -> Result<(), Refused> {
    let kms = app::kms(aws, config);
    match kms.describe_key().key_id(&config.kms_key).send().await {
        Ok(_) => return Ok(()),
        Err(e) if e.as_service_error().is_some_and(|e| e.is_not_found_exception()) => {}
        Err(e) => return Err(e.into()),
    }
    let made = kms.create_key().send().await?;
    let id = made.key_metadata.ok_or("KMS made a key without saying which")?.key_id;
    kms.create_alias().alias_name(&config.kms_key).target_key_id(id).send().await?;
    Ok(())
}

async fn secret(config: &Config, aws: &SdkConfig) -> Result<(), Refused> {
    let secrets = app::secrets_manager(aws, config);
    match secrets.describe_secret().secret_id(&config.session_secret).send().await {
        Ok(_) => return Ok(()),
        Err(e) if e.as_service_error().is_some_and(|e| e.is_resource_not_found_exception()) => {}
        Err(e) => return Err(e.into()),
    }
    let mut bytes = [0; 48];
    rand::fill(&mut bytes)?;
    secrets.create_secret().name(&config.session_secret).secret_string(BASE64.encode(&bytes)).send().await?;
    Ok(())
}
