//! One access token with the crate `oauth2` on reqwest, its default HTTP client. `SM_TOKEN_CA_FILE`
//! names the certificate authorities; where it is not set the system's count, which `SSL_CERT_FILE`
//! moves.

use std::env;
use std::error::Error;
use std::fs;

use oauth2::basic::BasicClient;
use oauth2::{ClientId, ClientSecret, TokenResponse, TokenUrl};
use reqwest::Certificate;
use reqwest::blocking::Client;
use reqwest::redirect::Policy;

fn main() -> Result<(), Box<dyn Error>> {
    let client = BasicClient::new(ClientId::new(env::var("SMX_CLIENT_ID")?))
        .set_client_secret(ClientSecret::new(env::var("SMX_CLIENT_SECRET")?))
        .set_token_uri(TokenUrl::new(format!("{}/o/token/", env::var("SMX_BASE_URL")?))?);
    let token = client.exchange_client_credentials().request(&http_client()?)?;
    println!("Bearer {}", token.access_token().secret());
    Ok(())
}

fn http_client() -> Result<Client, Box<dyn Error>> {
    let mut client = Client::builder().redirect(Policy::none());
    if let Ok(file) = env::var("SM_TOKEN_CA_FILE") {
        client = client.tls_built_in_root_certs(false);
        for certificate in Certificate::from_pem_bundle(&fs::read(file)?)? {
            client = client.add_root_certificate(certificate);
        }
    }
    Ok(client.build()?)
}
