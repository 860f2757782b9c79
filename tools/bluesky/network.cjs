// The real Bluesky network on loopback: directory (PLC), data server (PDS), view (AppView) and moderation (Ozone).
//
// From the environment:
//   DB_POSTGRES_URL, REDIS_HOST          an empty database, and a Redis as host:port
//   PLC_PORT, PDS_PORT, BSKY_PORT, OZONE_PORT   free ports
//   RATE_LIMITS=1                        as on the public network; off unless asked for
//   NODE_MODULES                         where @atproto/dev-env stands
//
// One line of JSON on stdout when all of it answers. Ends on SIGTERM.
'use strict'

process.env.LOG_ENABLED ??= 'false'

const path = require('node:path')
const { createRequire } = require('node:module')

const modules = process.env.NODE_MODULES ?? path.join(__dirname, 'node_modules')
const { TestNetwork, mockMailer } = createRequire(path.join(modules, 'x.js'))('@atproto/dev-env')

function port(name) {
  const number = Number(process.env[name])
  if (!Number.isInteger(number) || number < 1) throw new Error(`${name} must be a free port.`)
  return number
}

async function main() {
  const view = `http://localhost:${port('BSKY_PORT')}`
  const network = await TestNetwork.create({
    dbPostgresSchema: 'net',
    plc: { port: port('PLC_PORT') },
    pds: {
      port: port('PDS_PORT'),
      hostname: 'localhost',
      enableDidDocWithSession: true,
      rateLimitsEnabled: process.env.RATE_LIMITS === '1',
      // Pictures in what the data server adds before the view has seen it point at the view, as elsewhere.
      bskyAppViewCdnUrlPattern: `${view}/img/%s/plain/%s/%s@jpeg`,
    },
    bsky: { port: port('BSKY_PORT'), dbPostgresSchema: 'bsky', publicUrl: view },
    ozone: {
      port: port('OZONE_PORT'),
      chatUrl: 'http://localhost:1', // nobody chats here
      chatDid: 'did:example:chat',
      dbMaterializedViewRefreshIntervalMs: 60_000,
    },
  })
  mockMailer(network.pds)

  let closing = false
  const close = () => {
    if (closing) return
    closing = true
    setTimeout(() => process.exit(0), 3_000).unref() // a stuck connection does not keep it alive
    network.close().finally(() => process.exit(0))
  }
  process.on('SIGTERM', close)
  process.on('SIGINT', close)

  console.log(JSON.stringify({ plc: network.plc.url, pds: network.pds.url, appview: network.bsky.url, ozone: network.ozone.url }))
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
