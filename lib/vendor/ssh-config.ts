export { default as SSHConfig } from 'ssh-config';
