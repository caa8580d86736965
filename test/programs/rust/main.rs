//! docker_credential SERVER...: prints for each what `get_credential` finds, as an array in JSON.

use docker_credential::{get_credential, CredentialRetrievalError, DockerCredential};

fn main() {
    let found: Vec<String> = std::env::args()
        .skip(1)
        .map(|server| look_up(&server))
        .collect();
    println!("[{}]", found.join(","));
}

fn look_up(server: &str) -> String {
    match get_credential(server) {
        Ok(DockerCredential::UsernamePassword(user, secret)) => {
            format!(r#"{{"user":{},"secret":{}}}"#, quote(&user), quote(&secret))
        }
        Ok(DockerCredential::IdentityToken(token)) => {
            format!(r#"{{"user":"<token>","secret":{}}}"#, quote(&token))
        }
        Err(CredentialRetrievalError::NoCredentialConfigured) => "{}".to_string(),
        Err(error) => format!(r#"{{"error":{}}}"#, quote(&error.to_string())),
    }
}

fn quote(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', " ");
    format!("\"{escaped}\"")
}
