// Node's llhttp on a loopback port, usual and lenient: a line of JSON for each request that it takes.
const http = require('http');
const [port, lenient] = [process.argv[2], process.argv[3] === 'lenient'];
const server = http.createServer({ insecureHTTPParser: lenient, requireHostHeader: false }, (request, response) => {
  const pieces = [];
  const say = () => {
    console.log(JSON.stringify({ host: request.headers.host || '', target: request.url, body: Buffer.concat(pieces).toString('latin1') }));
    pieces.length = 0;
  };
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => { say(); response.end(); });
  request.on('error', say);
});
server.on('clientError', (error, socket) => socket.destroy());
server.on('connect', (request, socket) => socket.destroy());
server.listen(port, '127.0.0.1');
