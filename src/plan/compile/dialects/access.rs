//! Access: what every call carries, what proves who calls, and how a login is made.

use crate::{
    fault::mapping as m,
    plan::{
        compile::{
            calls::{Inputs, NO_INPUTS, Site},
            converters::constant,
        },
        http::{
            Auth, Login, Template,
            dialect::{Always, Expires, Granted, Hmac, How, OAuth2, Proof},
        },
    },
    spec::words::{self, dialect as said},
};
use std::{sync::Arc, time::Duration};

impl Site<'_, words::Dialect> {
    fn texts<'w>(
        &mut self,
        place: &[&str],
        all: impl Iterator<Item = (&'w String, &'w String)>,
        inputs: &Inputs<'_>,
        lower: bool,
    ) -> Option<Vec<(String, Template)>> {
        let mut found = Vec::new();
        for (name, text) in all {
            let template = self.template(&[place, &[name.as_str()]].concat(), text, inputs)?;
            found.push((if lower { name.to_ascii_lowercase() } else { name.clone() }, template));
        }
        Some(found)
    }

    pub(super) fn always(&mut self) -> Option<Always> {
        let words = self.doc.words.always.clone();
        let headers = self.texts(&["always", "headers"], words.headers.iter(), &NO_INPUTS, true)?;
        let mut query = Vec::new();
        for (name, value) in &words.query {
            let text = constant(value).scalar().unwrap_or_default().to_owned();
            query.push((name.clone(), self.template(&["always", "query", name], &text, &NO_INPUTS)?));
        }
        let mut body = Vec::new();
        for (name, value) in &words.body {
            let place = ["always", "with", name.as_str()];
            body.push((self.path(&place, name)?, self.json(&place, value, &NO_INPUTS)?));
        }
        Some(Always { headers, query, body })
    }

    pub(super) fn auth(&mut self) -> Option<Vec<Auth>> {
        let words = self.doc.words.auth.clone();
        let mut found = Vec::new();
        if let Some(basic) = &words.basic {
            found.push(Auth::Basic {
                user: self.template(&["auth", "basic", "user"], &basic.user, &NO_INPUTS)?,
                password: self.template(&["auth", "basic", "password"], &basic.password, &NO_INPUTS)?,
            });
        }
        if let Some(hmac) = &words.hmac {
            let over = ["method", "path", "body", "bodyHash", "time"].map(str::to_owned);
            let over = Inputs { names: &over, sent: false };
            let into = ["signature", "time"].map(str::to_owned);
            let into = Inputs { names: &into, sent: false };
            found.push(Auth::Hmac(Box::new(Hmac {
                sha512: hmac.hash == said::Hash::Sha512,
                secret: self.template(&["auth", "hmac", "secret"], &hmac.secret, &NO_INPUTS)?,
                over: self.template(&["auth", "hmac", "over"], &hmac.over, &over)?,
                base64: hmac.base64,
                headers: self.texts(&["auth", "hmac", "headers"], hmac.headers.iter(), &into, true)?,
            })));
        }
        if let Some(aws) = &words.aws {
            found.push(Auth::Aws {
                service: aws.service.clone(),
                region: self.template(&["auth", "aws", "region"], &aws.region, &NO_INPUTS)?,
                key: self.template(&["auth", "aws", "key"], &aws.key, &NO_INPUTS)?,
                secret: self.template(&["auth", "aws", "secret"], &aws.secret, &NO_INPUTS)?,
            });
        }
        if let Some(token) = &words.username_token {
            found.push(Auth::UsernameToken {
                user: self.template(&["auth", "usernameToken", "user"], &token.user, &NO_INPUTS)?,
                password: self.template(
                    &["auth", "usernameToken", "password"],
                    &token.password,
                    &NO_INPUTS,
                )?,
                digest: token.digest,
            });
        }
        if let Some(jwt) = &words.jwt {
            found.push(Auth::Jwt {
                secret: self.template(&["auth", "jwt", "secret"], &jwt.secret, &NO_INPUTS)?,
                claims: self.texts(&["auth", "jwt", "claims"], jwt.claims.iter(), &NO_INPUTS, false)?,
                life: jwt.life.0,
                header: "authorization".into(),
                scheme: jwt.scheme.clone(),
            });
        }
        Some(found)
    }

    pub(super) fn login(&mut self, login: &said::Login) -> Option<Arc<Login>> {
        let how = match (&login.call, &login.oauth2) {
            (Some(call), None) => {
                How::Call(Box::new(self.call(&["login", "call"], "login", call, &NO_INPUTS, None)?))
            }
            (None, Some(flow)) => How::OAuth2(Box::new(self.flow(flow)?)),
            _ => {
                let hint =
                    Some("write `call: { post: ... }`, or `oauth2: { token: ..., client: ... }`".into());
                let message = "a login is said by exactly one of `call` and `oauth2`";
                self.doc.error_at_key(self.out, m::INPUT_MISSING, &["login"], message, hint);
                return None;
            }
        };
        // What the answer has nobody knows before it comes.
        let answer = Inputs { names: &[], sent: true };
        let cookie = match &login.cookie {
            None => None,
            Some(text) => Some(self.template(&["login", "cookie"], text, &answer)?),
        };
        let minute = Duration::from_mins(1);
        let expires = match &login.expires {
            // A token says its end itself.
            None if login.oauth2.is_some() => Expires::After(Duration::ZERO),
            None => {
                let hint = Some("write `expires: 20m`, or `expires: { at: expires_in }`".into());
                let message = "it is not said how long a session is used";
                self.doc.error_at_key(self.out, m::INPUT_MISSING, &["login"], message, hint);
                return None;
            }
            Some(_) if login.oauth2.is_some() => {
                let hint = Some("write `less` or `most` in `oauth2`".into());
                let message = "a token of `oauth2` says its end itself";
                self.doc.error_at_key(self.out, m::INPUT_MISSING, &["login", "expires"], message, hint);
                return None;
            }
            Some(said::Expires::After(span)) => Expires::After(span.0),
            Some(said::Expires::Said(words)) => {
                let less = words.less.map_or(minute, |s| s.0);
                match (&words.at, &words.token) {
                    (Some(at), None) => Expires::Said {
                        at: self.path(&["login", "expires", "at"], at)?,
                        less,
                        most: words.most.map_or(Duration::from_hours(24), |s| s.0),
                    },
                    (None, Some(at)) => {
                        Expires::Token { at: self.path(&["login", "expires", "token"], at)?, less }
                    }
                    _ => {
                        let hint = Some("write `{ at: expires_in }` or `{ token: access_token }`".into());
                        let message = "`expires` is said by exactly one of `at` and `token`";
                        self.doc.error_at_key(
                            self.out,
                            m::INPUT_MISSING,
                            &["login", "expires"],
                            message,
                            hint,
                        );
                        return None;
                    }
                }
            }
        };
        Some(Arc::new(Login {
            how,
            cookie,
            headers: self.texts(&["login", "headers"], login.headers.iter(), &answer, true)?,
            on_writes: self.texts(&["login", "onWrites"], login.on_writes.iter(), &answer, true)?,
            query: self.texts(&["login", "query"], login.query.iter(), &answer, false)?,
            expires,
            refused: login.refused.clone(),
        }))
    }

    /// A standard flow of OAuth 2.0.
    fn flow(&mut self, flow: &said::OAuth2) -> Option<OAuth2> {
        let place = |last: &'static str| ["login", "oauth2", last];
        let uri = flow.token.parse::<http::Uri>();
        let elsewhere = uri.is_ok_and(|uri| uri.scheme_str() == Some("https") && uri.host().is_some());
        let below = flow.token.starts_with('/') && !flow.token.starts_with("//");
        if !below && !elsewhere {
            let hint =
                Some("write `/oauth/token`, or an https address where tokens are had elsewhere".into());
            let message = "this is neither a path below the source's address nor an https address";
            self.doc.error(self.out, m::BAD_ADDRESS, &place("token"), message, hint);
            return None;
        }
        let proof = match (&flow.secret, &flow.key) {
            (Some(secret), None) => {
                let secret = self.template(&place("secret"), secret, &NO_INPUTS)?;
                match flow.secret_in {
                    said::SecretIn::Basic => Proof::Basic(secret),
                    said::SecretIn::Body => Proof::Body(secret),
                }
            }
            (None, Some(key)) => {
                Proof::Key { key: self.template(&place("key"), key, &NO_INPUTS)?, kid: flow.kid.clone() }
            }
            _ => {
                let hint = Some("write `secret: \"${secret}\"` or `key: \"${key}\"`, and put it into the source's `credentials`".into());
                let message = "we prove who we are by exactly one of `secret` and `key`";
                self.doc.error_at_key(self.out, m::INPUT_MISSING, &["login", "oauth2"], message, hint);
                return None;
            }
        };
        let grant = match &flow.refresh {
            None => Granted::ClientCredentials,
            Some(token) => Granted::RefreshToken(self.template(&place("refresh"), token, &NO_INPUTS)?),
        };
        Some(OAuth2 {
            token: flow.token.clone(),
            client: self.template(&place("client"), &flow.client, &NO_INPUTS)?,
            proof,
            grant,
            scopes: flow.scopes.clone(),
            parameters: self.texts(&place("parameters"), flow.parameters.iter(), &NO_INPUTS, false)?,
            less: flow.less.map_or(Duration::from_secs(10), |span| span.0),
            most: flow.most.map_or(Duration::from_hours(24), |span| span.0),
        })
    }
}
