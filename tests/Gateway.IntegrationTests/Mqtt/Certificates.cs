using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.IntegrationTests.Mqtt;

/// <summary>A certificate authority of the test's own, and files signed by it.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly string _directory = System.IO.Directory.CreateTempSubdirectory("tutti-tls-").FullName;
    private readonly X509Certificate2 _authority;

    /// <param name="root">Who has signed this authority; null: it is a root itself.</param>
    public Certificates(string name = "Test authority", Certificates? root = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        if (root is null)
        {
            _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-900), DateTimeOffset.UtcNow.AddDays(900));
        }
        else
        {
            using var signed = request.Create(root._authority, DateTimeOffset.UtcNow.AddDays(-800), DateTimeOffset.UtcNow.AddDays(800), RandomNumberGenerator.GetBytes(8));
            _authority = signed.CopyWithPrivateKey(key);
        }

        CaFile = Write("ca.pem", _authority.ExportCertificatePem());
    }

    public string CaFile { get; }

    /// <summary>A certificate and its key for 127.0.0.1 and localhost, or for another name only.</summary>
    public (string Certificate, string Key) Issue(string file, string? onlyFor = null, bool expired = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={file}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (onlyFor is null)
        {
            names.AddIpAddress(IPAddress.Loopback);
            names.AddDnsName("localhost");
        }
        else
        {
            names.AddDnsName(onlyFor);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        var (from, to) = expired ? (-200, -100) : (-1, 100);
        using var made = request.Create(_authority, DateTimeOffset.UtcNow.AddDays(from), DateTimeOffset.UtcNow.AddDays(to), RandomNumberGenerator.GetBytes(8));
        return (Write($"{file}.pem", made.ExportCertificatePem()), Write($"{file}.key", key.ExportPkcs8PrivateKeyPem()));
    }

    public string Write(string file, string text)
    {
        var path = Path.Combine(_directory, file);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        _authority.Dispose();
        System.IO.Directory.Delete(_directory, recursive: true);
    }
}
