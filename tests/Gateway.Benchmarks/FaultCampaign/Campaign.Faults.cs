using System.Globalization;
using System.Text;
using Gateway.Configuration;
using MQTTnet;

namespace Gateway.Benchmarks.FaultCampaign;

/// <summary>What is done to the gateways, their broker, wire, disk, clock and radios.</summary>
internal sealed partial class Campaign
{
    private const int FloodSize = 2000;

    /// <param name="Do">Returns the speakers of the radios for whom it was meant; all others must not notice.</param>
    /// <param name="Disconnects">It ends the connection to the broker, so the next such fault meets longer pauses for a while.</param>
    /// <param name="OfRadios">It is over when all speakers sound.</param>
    private sealed record Fault(string Name, Func<IReadOnlyList<HeardSpeaker>> Do, bool Disconnects = false, bool OfRadios = false);

    private IEnumerable<Fault> Faults() =>
    [
        Of("broker killed", KillBroker, disconnects: true),
        Of("broker stopped", () => { _broker.Process.End(s_goodbye); Wait(0, 3); _broker.StartAgain(); }, disconnects: true),
        Of("broker frozen", () => { _broker.Process.Signal(ChildProcess.Stop); Wait(1, 8); _broker.Process.Signal(ChildProcess.Continue); }, disconnects: true),
        Of("wire cut", () => _proxy.Cut(), disconnects: true),
        Of("wire is a hole", () => { _proxy.Wire = Wire.Hole; Wait(1, 12); _proxy.Wire = Wire.Well; }, disconnects: true),
        Of("wire slow", () => { _proxy.Wire = Wire.Slow; Wait(1, 6); _proxy.Wire = Wire.Well; }, disconnects: true),
        Of("client id taken", TakeClientId, disconnects: true),
        Of("clock set and wire cut", SetClock, disconnects: true),
        Of("gateway killed", () => { _gateway.Kill(); StartGateway(); }),
        Of("gateway stopped", () => { _gateway.End(s_goodbye); StartGateway(); }),
        Of("gateway over the other MQTT", ChangeProtocol),
        Of("gateway suspended", () => { _gateway.Signal(ChildProcess.Stop); Wait(1, 5); _gateway.Signal(ChildProcess.Continue); }),
        Of("database damaged", DamageDatabase),
        Of("disk taken away", TakeDisk),
        Of("hostile messages", () => SendHostile(60)),
        Of("flood", Flood),
        .. _disk is null ? Array.Empty<Fault>() : [Of("disk full", FillDisk), Of("disk read-only", MakeDiskReadOnly)],
        .. _radio?.Faults().Select(f => new Fault(f.Name, f.Name.StartsWith("gateway of radios killed", StringComparison.Ordinal) ? () => Unheard(f.Do) : f.Do, OfRadios: true)) ?? [],
    ];

    private static Fault Of(string name, Action act, bool disconnects = false) => new(name, () =>
    {
        act();
        return [];
    }, disconnects);

    /// <summary>What was under way at the radios' gateway has no end.</summary>
    private IReadOnlyList<HeardSpeaker> Unheard(Func<IReadOnlyList<HeardSpeaker>> act)
    {
        var hit = act();
        RadioBook.ForgetWhatIsUnderWay();
        return hit;
    }

    /// <summary>Mosquitto acknowledges before it stores: the ends that it had just taken may be gone with it.</summary>
    private void KillBroker()
    {
        _broker.Process.Kill();
        Book.ForgetWhatIsUnderWay();
        RadioBook.ForgetWhatIsUnderWay();
        Wait(0, 3);
        _broker.StartAgain();
    }

    /// <summary>Another client comes with the gateway's id, and takes the session or throws it away.</summary>
    private void TakeClientId()
    {
        using var other = new MqttClientFactory().CreateMqttClient();
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", _broker.Port).WithClientId("tutti-demo").WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500)
            .WithCleanStart(_random.Next(2) == 0).WithTimeout(TimeSpan.FromSeconds(30)).Build();
        other.ConnectAsync(options).GetAwaiter().GetResult();
        Wait(0, 0.5);
    }

    private void ChangeProtocol()
    {
        _gateway.End(s_goodbye);
        _protocol = _protocol == MqttProtocol.V5 ? MqttProtocol.V311 : MqttProtocol.V5;
        StartGateway();
    }

    private void FillDisk()
    {
        _disk!.Fill();
        Wait(1, 5);
        _disk.Clear();
    }

    private void DamageDatabase()
    {
        _gateway.Kill();
        using (var file = new FileStream(Path.Combine(_data, "tutti.db"), FileMode.Open))
        {
            var pages = (int)(file.Length / 4096);
            for (var page = 1; page < pages; page++)
            {
                if (_random.Next(2) == 0) continue;
                file.Position = page * 4096L;
                file.Write(new byte[4096]);
            }
        }

        File.Delete(Path.Combine(_data, "tutti.db-wal"));
        File.Delete(Path.Combine(_data, "tutti.db-shm"));
        Book.ForgetWhatWasTaken();
        StartGateway();
        Book.ForgetWhatWasTaken();
    }

    /// <summary>A file in the folder's place: nothing can be written, as on a disk that is gone.</summary>
    private void TakeDisk()
    {
        var away = _data + ".away";
        Directory.Move(_data, away);
        File.WriteAllText(_data, "");
        Wait(0.5, 3);
        File.Delete(_data);
        Directory.Move(away, _data);
        if (_gateway.HasExited) StartGateway(); // it was just starting, said what is missing and ended: its supervisor's turn
    }

    private void SendHostile(int messages)
    {
        string[] topics = ["tutti/speaker/flip_a/trim_ms/set", "tutti/group/party/active/set", "tutti/x/y/z/set", "tutti/gateway/demo/pairing_answer/set", "homeassistant/status", "tutti/voice/party/x/set"];
        for (var i = 0; i < messages; i++)
        {
            var noise = new byte[_random.Next(0, i % 10 == 0 ? 100_000 : 100)];
            _random.NextBytes(noise);
            if (noise.Length > 0) noise[0] = 0xFF; // never a value by chance
            var message = new MqttApplicationMessageBuilder().WithTopic(topics[_random.Next(topics.Length)]).WithPayload(_random.Next(2) == 0 ? noise : Encoding.UTF8.GetBytes("{\"value\":[[[1e999"));
            if (_random.Next(4) == 0) message.WithResponseTopic(string.Join('/', Enumerable.Repeat("a", _random.Next(1, 250))));
            TryPublish(message.Build());
        }
    }

    private void Flood()
    {
        for (var i = 0; i < FloodSize; i++) Send(NewCommand());
    }

    /// <summary>Somebody, or a time server, sets the wall's clock, and then a retry is due.</summary>
    private void SetClock()
    {
        var now = DateTimeOffset.UtcNow;
        var to = WallSteps.Of(WallSteps.All.ElementAt(_random.Next(WallSteps.All.Count()))[0].ToString()!, now);
        _gateway.Input.WriteLine(to.ToString("O", CultureInfo.InvariantCulture));
        _gateway.Input.Flush();
        Wait(0.2, 1);
        _proxy.Cut();
    }

    /// <summary>As after a fault of the disk: it starts on what it can only read, is used, and is started again when that is mended.</summary>
    private void MakeDiskReadOnly()
    {
        _gateway.End(s_goodbye);
        _disk!.SetReadOnly(true);
        StartGateway();
        Wait(3, 6);
        _gateway.End(s_goodbye);
        _disk.SetReadOnly(false);
        StartGateway();
    }
}
