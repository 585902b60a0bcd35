/** Which names of fields, headers and parameters are those of secrets. */

const SECRET_PART =
  /apikey|accesskey|secret|password|passwd|passphrase|authorization|credential|cookie|bearer|signature/;
const SECRET_END = /(key|token|auth|pwd|sig)$/;
/** Names of special tokens, which are texts of a vocabulary. */
const VOCABULARY = /^(bos|eos|pad|unk|sep|cls|mask|stop|image|audio|video)token$/;

/** True for the name of a field, header or query parameter that is likely to hold a secret. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return (SECRET_PART.test(plain) || SECRET_END.test(plain)) && !VOCABULARY.test(plain);
}
