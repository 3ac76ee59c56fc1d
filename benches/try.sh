for i in 1 2 3 4 5 6; do /tmp/b/launch /tmp/b/ours; /tmp/b/launch /tmp/b/curl; done
cat /etc/ssl/certs/ca-certificates.crt $SM_TOKEN_CA_FILE > /tmp/b/bundle.pem
unset SM_TOKEN_CA_FILE; export SSL_CERT_FILE=/tmp/b/bundle.pem
echo; for i in 1 2 3 4 5 6; do /tmp/b/launch /tmp/b/ours; /tmp/b/launch /tmp/b/curl; done
