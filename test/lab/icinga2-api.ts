/** The API of an Icinga 2 on this machine: HTTPS with a certificate of the lab's own authority. */
import { request } from 'node:https';

export interface Api {
  /** The name in the certificate; the name of the API user as well. */
  readonly node: string;
  /** Where it listens. */
  readonly address: string;
  readonly port: number;
  readonly password: string;
  /** The certificate of the authority (PEM). */
  readonly ca: string;
}

/** The JSON answer of the API; throws with its text where the status is not 200. */
export function call(
  { node, address, port, password, ca }: Api,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/json' };
    const auth = `${node}:${password}`;
    // The certificate is the node's, whatever address it is reached by.
    const sent = request({
      host: address,
      servername: node,
      port,
      path,
      method,
      auth,
      ca,
      headers,
      agent: false,
    });
    sent.once('error', reject).once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('error', reject).once('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`Icinga's API, ${method} ${path}: ${String(response.statusCode)} ${text}`));
      });
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
