// The door of `vault`: encryption of secret values, secrets from the environment, and keeping secrets out of texts. Pure functions of their
// arguments (keys, nonces and environment are passed in), so any thread may call them; no error message carries a key or a plain text.
#pragma once
#include "vault/encryption.h"
#include "vault/environment_secrets.h"
#include "vault/masking.h"
