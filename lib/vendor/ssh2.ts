import ssh2 from 'ssh2';

export { ssh2 };
export type { AnyAuthMethod, BaseAgent, Client, ClientChannel, ConnectConfig, ParsedKey } from 'ssh2';
