// Loaded before anything else (`node -r`): whatever asks to listen, listens on 127.0.0.1 and nowhere else.
// The network's own packages bind to every address, and a test must never be reachable from outside.
'use strict'

const net = require('node:net')

const HOST = '127.0.0.1'
const listen = net.Server.prototype.listen

net.Server.prototype.listen = function (first, ...rest) {
  const callback = [first, ...rest].find((argument) => typeof argument === 'function')
  if (first !== null && typeof first === 'object' && !('port' in first)) {
    return listen.call(this, first, ...rest) // a socket file or a handle: no address to guard
  }
  if (typeof first === 'string' && Number.isNaN(Number(first))) {
    return listen.call(this, first, ...rest) // a socket file
  }
  const wanted = first !== null && typeof first === 'object' ? first : { port: Number.isNaN(Number(first)) ? 0 : Number(first ?? 0) }
  const options = { ...wanted, host: HOST }
  return callback ? listen.call(this, options, callback) : listen.call(this, options)
}
