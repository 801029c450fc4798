using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Simulation;

/// <summary>An authority of its own, made at each start, and a certificate for the names that clients of the cloud ask for.</summary>
internal sealed class AlexaCertificates : IDisposable
{
    private static readonly string[] s_names =
        ["*.amazon.com", "*.amazon.de", "*.amazon.co.uk", "*.amazon.fr", "*.amazon.it", "*.amazon.es", "*.amazon.co.jp", "*.amazonalexa.com", "*.gateway.devices.a2z.com", "localhost"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tutti-echo-cloud-");

    public AlexaCertificates(TimeProvider time)
    {
#pragma warning disable RS0030 // a certificate's dates are the wall's
        var now = time.GetUtcNow();
#pragma warning restore RS0030
        var (from, to) = (now.AddDays(-2), now.AddDays(30)); // a client's clock may be hours off
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Simulated Echo cloud - do not trust elsewhere", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var authority = request.CreateSelfSigned(from, to);
        Server = ServerOf(authority, from, to);
        AuthorityFile = Path.Combine(_folder.FullName, "ca.pem");
        File.WriteAllText(AuthorityFile, authority.ExportCertificatePem() + "\n");
    }

    /// <summary>With its key.</summary>
    public X509Certificate2 Server { get; }

    /// <summary>The authority's certificate, PEM.</summary>
    public string AuthorityFile { get; }

    public void Dispose()
    {
        Server.Dispose();
        _folder.Delete(recursive: true);
    }

    private static X509Certificate2 ServerOf(X509Certificate2 authority, DateTimeOffset from, DateTimeOffset to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in s_names) names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F;
        using var certificate = request.Create(authority, from, to, serial);
        return certificate.CopyWithPrivateKey(key);
    }
}
