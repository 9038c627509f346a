// The file that is called: it starts the check, whose code stands in ../lib. In the language of 2009, so that a node too old
// for the check can still say so; left to it, a syntax error would end with 1, which is WARNING.
'use strict';
var fs = require('fs');

var NAME = '@NAME@';
var BODY = __dirname + '/../lib/' + NAME + '-@ID@';

function end(cause) {
  var text = NAME.replace(/^check_/, '').toUpperCase() + ' UNKNOWN - ' + cause + '\n';
  try {
    fs.writeSync(1, text);
  } catch (error) {
    // Nobody reads it: the exit code still says it.
  }
  process.exit(3);
}

// What V8 makes of the code, kept by warm.cjs; it is for one node only, and V8 itself refuses that of another version. But
// a flipped bit in it would end the process with a signal, so it stands there twice, and only counts if both are the same.
function compiled() {
  try {
    var fd = fs.openSync(BODY + '-' + process.version + '-' + fs.statSync(process.execPath).size);
    var length = fs.fstatSync(fd).size / 2;
    var kept = Buffer.allocUnsafe(length);
    // In pieces: memory that was never used costs more than the copy into it.
    var piece = Buffer.allocUnsafe(65536);
    // By hand, with what the check needs anyway: the first readFileSync of bytes costs half a millisecond.
    var isSame = fs.readSync(fd, kept, 0, length, null) === length;
    for (var at = 0, count; isSame && at < length; at += count) {
      count = fs.readSync(fd, piece, 0, piece.length, null);
      isSame = count > 0 && kept.compare(piece, 0, count, at, at + count) === 0;
    }
    fs.closeSync(fd);
    return isSame ? kept : undefined;
  } catch (error) {
    return undefined;
  }
}

if (parseInt(process.versions.node, 10) < 20) {
  end('needs Node.js 20 or later, this is ' + process.version);
} else {
  // An exception's stack is not shown, and costs more than the failed system call that it tells of.
  Error.stackTraceLimit = 0;
  try {
    var source = fs.readFileSync(BODY + '.js', 'utf8');
    var Script = require('vm').Script;
    new Script(source, { filename: BODY + '.js', cachedData: compiled() }).runInThisContext()(require);
  } catch (error) {
    end(
      error.code === 'ENOENT'
        ? 'not installed completely, the folder lib must stand beside the folder bin: ' + error.message
        : 'internal error while starting: ' + error.message,
    );
  }
}
