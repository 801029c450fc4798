using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Playback;
using Gateway.Playback.Calibration;
using Gateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Playback;

/// <summary>Whoever provides sound is found by what it provides, and says itself what it cannot.</summary>
public sealed class SoundProvidersTests
{
    private static BluetoothAddress Adapter { get; } = BluetoothAddress.Parse("00:AA:01:00:00:01");
    private static BluetoothAddress Bath { get; } = BluetoothAddress.Parse("00:AA:77:00:00:01");
    private static readonly RadioDevice s_bath = new() { Adapter = Adapter, Address = Bath, Name = "Bath", Link = RadioLink.Connected, LinkedAs = RadioRole.Sink, Codec = "SBC" };
    private static readonly OutputRef s_sink = new("pulse", "alsa_output.desk", "desk");

    [Fact]
    public void An_output_is_opened_by_the_one_whose_scheme_it_bears_and_no_other_scheme_is_guessed_at()
    {
        var (radio, server) = (new Outputs("bluez"), new Outputs("pulse"));
        var sound = new SoundProviders([radio, server], [], null!);

        sound.Open(s_sink);
        var unknown = Assert.Throws<PortException>(() => sound.Open(s_sink with { Scheme = "snapcast" }));

        Assert.Empty(radio.Opened);
        Assert.Equal([s_sink], server.Opened);
        Assert.Equal((PortError.PartMissing, "This version has no outputs of the kind snapcast."), (unknown.Error, unknown.Message));
    }

    [Fact]
    public async Task A_source_that_nobody_takes_is_refused_with_what_this_version_can_do_and_a_fault_is_the_openings_own()
    {
        var sound = new SoundProviders([], [new BrokenSources()], null!);

        var nobodys = await Assert.ThrowsAsync<PortException>(() => sound.OpenAsync(new SourceOpening(new SourceRef(SourceKind.Snapcast), null), CancellationToken.None));
        var broken = sound.OpenAsync(new SourceOpening(new SourceRef(SourceKind.Phone, Bath), null), CancellationToken.None);

        Assert.Equal(Abilities.ThisVersion.WhyNot(Feature.Snapcast), nobodys.Message);
        Assert.True(broken.IsFaulted);
        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidOperationException>(() => broken)).Message);
    }

    [Fact]
    public void A_source_over_a_link_that_it_has_not_says_so_with_peoples_names()
    {
        var opening = new SourceOpening(new SourceRef(SourceKind.Echo, "dot"), null) { Name = "Dot", Listener = "Party" };

        Assert.Equal("Dot, the source of Party, has no link with the gateway.", Assert.Throws<PortException>(() => opening.NeedLink()).Message);
        Assert.Equal("a/b", (opening with { Link = "a/b" }).NeedLink());
    }

    [Fact]
    public void Who_can_sound_is_found_by_its_address_or_its_id_and_a_refusal_is_of_its_own_kind_alone()
    {
        var look = new SoundProviders([new Outputs("bluez") { Current = Links(s_bath) with { Refusal = "no" } }, new Outputs("pulse") { Current = Of("desk", s_sink) }], [], null!).Look();

        Assert.Equal(BluetoothLinks.KeyOf(Adapter, Bath), look.Find("bath", Bath)!.Key);
        Assert.Equal(s_sink, look.Find("desk", null));
        Assert.Null(look.Find("loft", "00:AA:77:00:00:02"));
        Assert.Null(look.Find("loft", null));
        Assert.Equal(("no", null, "no"), (look.RefusalOf("bath", Bath), look.RefusalOf("desk", null), look.RefusalOf("loft", null)));
        Assert.Null(OutputLook.Nothing.RefusalOf("bath", Bath));
    }

    [Fact]
    public void A_linked_device_without_an_output_is_about_to_come_or_missing_with_the_reason_and_is_not_refused()
    {
        var server = OutputsSnapshot.None with { Coming = [Bath], Missing = new Dictionary<string, string> { ["00:AA:77:00:00:02"] = "It sleeps." } };
        var look = new SoundProviders([new Outputs("bluez") { Current = OutputsSnapshot.None }, new Outputs("pulse") { Current = server }], [], null!).Look();

        Assert.Equal((true, false, false), (look.IsComing("bath", Bath), look.IsComing("loft", "00:AA:77:00:00:02"), look.IsComing("loft", null)));
        Assert.Equal((null, "It sleeps.", null), (look.WhyMissing("bath", Bath), look.WhyMissing("loft", "00:AA:77:00:00:02"), look.WhyMissing("loft", null)));
        Assert.Null(look.RefusalOf("bath", Bath));
    }

    [Fact]
    public void A_device_without_an_address_is_missing_or_about_to_come_by_its_id_and_is_not_refused_for_the_others()
    {
        var server = OutputsSnapshot.None with { Refusal = "no", Coming = ["hall"], Missing = new Dictionary<string, string> { ["amp"] = "It is not there." } };
        var look = new SoundProviders([new Outputs("pulse") { Current = server }], [], null!).Look();

        Assert.Equal((true, "It is not there."), (look.IsComing("hall", null), look.WhyMissing("amp", null)));
        Assert.Equal((null, null, "no"), (look.RefusalOf("amp", null), look.RefusalOf("hall", null), look.RefusalOf("bath", Bath)));
    }

    [Fact]
    public void What_helps_against_a_refusal_is_its_own_kinds_word()
    {
        var look = new SoundProviders([new Outputs("bluez") { Current = OutputsSnapshot.None }, new Outputs("pulse") { Current = OutputsSnapshot.None with { Refusal = "no", Remedy = "Do this." } }], [], null!).Look();

        Assert.Equal(("no", "Do this."), (look.RefusalOf("bath", Bath), look.RemedyOf("bath", Bath)));
    }

    [Fact]
    public void Of_the_links_those_are_outputs_that_stand_on_an_adapter_which_is_there_and_do_not_bring_sound_to_us()
    {
        var outputs = Links(
            s_bath, s_bath with { Address = BluetoothAddress.Parse("00:AA:77:00:00:02"), LinkedAs = null, Codec = null }, s_bath with { Address = BluetoothAddress.Parse("00:AA:77:00:00:03"), LinkedAs = RadioRole.Source },
            s_bath with { Address = BluetoothAddress.Parse("00:AA:77:00:00:04"), Link = RadioLink.Connecting }, s_bath with { Address = BluetoothAddress.Parse("00:AA:77:00:00:05"), Adapter = BluetoothAddress.Parse("00:AA:02:00:00:01") });

        Assert.Equal([Bath, "00:AA:77:00:00:02"], outputs.ByDevice.Keys);
        Assert.Equal(new OutputRef("bluez", $"{Adapter}/{Bath}", $"{Adapter}|SBC|own"), outputs.ByDevice[Bath]);
        Assert.Equal($"{Adapter}|unknown|own", outputs.ByDevice["00:AA:77:00:00:02"].LatencyKey);
        Assert.Equal((Adapter, Bath), BluetoothLinks.Read(outputs.ByDevice[Bath].Key));
        Assert.Null(outputs.Refusal);
    }

    [Fact]
    public void What_earlier_versions_learned_of_a_speaker_is_found_again()
    {
        var data = Directory.CreateTempSubdirectory("tutti-latency-");
        try
        {
            using var store = Store.Open(data.FullName, TimeProvider.System);
            store.Put("latency", $"bath|{Adapter}|SBC|own", """{"LatencyMs":201.5,"Quality":16,"At":"2026-01-01T00:00:00+00:00","Evidence":"acoustic"}""");

            var found = new LatencyStore(store, NullLogger.Instance).Find(new PlaybackMember("bath", "Bath", Links(s_bath).ByDevice[Bath], 0));

            Assert.Equal(201.5, found!.LatencyMs);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static OutputsSnapshot Links(params RadioDevice[] devices) =>
        BluetoothLinks.OutputsIn(BluetoothSnapshot.Empty with { Adapters = [new RadioAdapter(Adapter, "hci0", true, false, false, false)], Devices = devices });

    private static OutputsSnapshot Of(string device, OutputRef output) => new(new Dictionary<string, OutputRef> { [device] = output });

    private sealed class Outputs(string scheme) : IOutputProvider
    {
        public List<OutputRef> Opened { get; } = [];
        public string Scheme => scheme;
        public OutputsSnapshot Current { get; init; } = new(new Dictionary<string, OutputRef>());

        public IAudioOutput Open(OutputRef output)
        {
            Opened.Add(output);
            return new ExactOutput(16_384, 0);
        }
    }

    private sealed class BrokenSources : ISourceProvider
    {
        public bool Takes(SourceRef source) => source.Kind == SourceKind.Phone;

        public Task<IAudioInput> OpenAsync(SourceOpening opening, CancellationToken cancellationToken) => throw new InvalidOperationException("broken");
    }
}
