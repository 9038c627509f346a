import yargs from 'yargs';

export { yargs };
