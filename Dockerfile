# syntax=docker/dockerfile:1
# Builds in one stage, and runs in another that holds what runs alone. README "With Docker" says how to use it.
FROM node:24-bookworm-slim AS build
# For a machine that has no prebuilt better-sqlite3; none of it reaches the image that runs.
RUN apt-get update \
  && apt-get install -y --no-install-recommends g++ make python3 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
# What is installed changes less often than the sources: this layer is kept between builds.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.browser.json bundle.mjs openapi.yaml LICENSE ./
COPY migrations ./migrations
COPY src ./src
# What compiled better-sqlite3 is ten times as large as what it made.
RUN npm run build \
  && npm prune --omit=dev --no-audit --no-fund \
  && find node_modules/better-sqlite3/build -type f ! -path '*/Release/better_sqlite3.node' -delete \
  && rm -rf node_modules/better-sqlite3/deps node_modules/better-sqlite3/src \
  && chmod +x dist/main.js

FROM node:24-bookworm-slim
# As process 1, Node has no default action for signals (signal(7)): a second SIGTERM would not end it at once.
RUN apt-get update \
  && apt-get install -y --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/* \
  && ln -s /app/dist/main.js /usr/local/bin/posthorn \
  && install -d -o 10001 -g 10001 -m 0700 /data
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/migrations ./migrations
COPY --from=build /app/package.json /app/openapi.yaml /app/LICENSE ./
# On every address it needs keys of yours, and refuses to start without them.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATABASE_URL=sqlite:/data/posthorn.db
# A number, so that whoever runs it can tell that it is not root.
USER 10001:10001
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
# /healthz, not /readyz: a full disk or a drain is no reason to end the container, and cut every socket. Since it listens only
# once the database is open and migrated, what waits for a healthy container finds a ready one.
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
  CMD ["node", "/app/dist/operations/healthcheck.js"]
ENTRYPOINT ["tini", "--", "posthorn"]
CMD ["serve"]
