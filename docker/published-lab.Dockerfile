# The lab, copied from what was published outside (compare lab.Dockerfile), for machines whose builds have no network.
#   for p in lab/Demo lab/Kong cli services/*Agent; do dotnet publish $p -c Release; done; cp -r lab/bin artifacts/publish/lab-bin
#   docker build -f docker/published-lab.Dockerfile --build-arg BASE=an-image artifacts/publish
# BASE      image with the server programs of PostgreSQL, haproxy and kill
ARG RUNTIME=mcr.microsoft.com/dotnet/aspnet:10.0
ARG BASE=kong-upgrade-mesh/lab-base
FROM $RUNTIME AS runtime

FROM $BASE
ENV APP_UID=1654
COPY --from=runtime /usr/share/dotnet /usr/share/dotnet
RUN ln -sf /usr/share/dotnet/dotnet /usr/bin/dotnet \
 && { id "$APP_UID" >/dev/null 2>&1 || useradd -u "$APP_UID" -m app; } \
 && mkdir -p /lab /usr/local/kong && chown "$APP_UID" /lab /usr/local/kong
COPY lab-bin /mesh/lab/bin
COPY . /mesh/artifacts/publish
RUN mkdir /mesh/artifacts/bin && ln -s ../publish/StandInKong /mesh/artifacts/bin/StandInKong
USER $APP_UID
VOLUME /lab
STOPSIGNAL SIGTERM
ENTRYPOINT []
CMD ["dotnet", "/mesh/artifacts/publish/Demo/release/KongUpgradeMesh.Lab.Demo.dll", "lab", "run", "--dir", "/lab", "--datacenter", "lab1"]
