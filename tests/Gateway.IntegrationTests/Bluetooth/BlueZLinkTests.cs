using System.Collections.Concurrent;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Reconciler;
using Gateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>Making and losing links: one at a time where BlueZ needs it, cancelled, refused, plainer.</summary>
public sealed class BlueZLinkTests
{
    private static BluetoothAddress Second { get; } = BluetoothAddress.Parse("00:AA:01:01:00:02");
    private const string SecondPath = FakeBlueZ.AdapterPath + "/dev_00_AA_01_01_00_02";

    // Everything SBC knows, bitpool 2-53.
    private static readonly byte[] s_everything = [0xFF, 0xFF, 2, 53];

    [Fact]
    public async Task Connects_on_one_adapter_go_one_after_the_other()
    {
        await using var house = await BlueZHarness.StartAsync(prepare: b => b.Put(SecondPath, "org.bluez.Device1", FakeBlueZ.Speaker(address: Second, alias: "Bath")));
        var open = house.BlueZ.Hold("ConnectProfile");

        var first = house.ConnectAsync();
        var second = house.Service.ConnectAsync(FakeBlueZ.Adapter, Second, RadioRole.Sink, CancellationToken.None);
        await Eventually.TrueAsync("one connect to be asked for", () => !open.IsEmpty);
        await house.UntilAsync("both are shown as connecting", s => s.Devices.All(d => d.Link == RadioLink.Connecting));
        Assert.Single(open);

        FakeBlueZ.Refuse(open);
        await Assert.ThrowsAsync<PortException>(() => first);
        await Eventually.TrueAsync("the other to have its turn", () => !open.IsEmpty);
        FakeBlueZ.Refuse(open);
        await Assert.ThrowsAsync<PortException>(() => second);
    }

    [Fact]
    public async Task A_connect_that_is_given_up_is_ended_at_BlueZ_and_the_next_has_its_turn()
    {
        await using var house = await BlueZHarness.StartAsync();
        var asked = new TaskCompletionSource();
        house.BlueZ.On("ConnectProfile", context =>
        {
            context.DisposesAsynchronously = true; // pages for ever
            asked.TrySetResult();
        });
        using var given = new CancellationTokenSource();
        var connect = house.ConnectAsync(given.Token);
        await asked.Task.WaitAsync(Patience.Hang);

        await given.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connect);
        Assert.Equal(RadioLink.Disconnected, house.Device.Link);
        await Eventually.TrueAsync("BlueZ to be told", () => house.BlueZ.PathCalls.Contains($"DisconnectProfile {FakeBlueZ.DevicePath}"));
        house.ConnectsWell();
        await house.ConnectAsync();
        Assert.Equal(RadioLink.Connected, house.Device.Link);
    }

    [Fact]
    public async Task A_connect_that_is_given_up_and_wanted_again_at_once_goes_on()
    {
        await using var house = await BlueZHarness.StartAsync();
        var open = house.BlueZ.Hold("ConnectProfile");
        using var given = new CancellationTokenSource();
        var first = house.ConnectAsync(given.Token);
        await Eventually.TrueAsync("the connect to be asked for", () => !open.IsEmpty);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        var second = house.ConnectAsync();
        await Task.Delay(1_500); // longer than an abandoned one goes on
        await house.BlueZ.ConfigureAsync(BlueZHarness.Source1, BlueZHarness.Configuration);
        FakeBlueZ.Accept(open);
        await second;

        Assert.Equal(1, house.BlueZ.Calls.Count(c => c == "ConnectProfile"));
        Assert.DoesNotContain("DisconnectProfile", house.BlueZ.Calls);
    }

    [Fact]
    public async Task Whoever_asked_for_a_connect_finds_its_outcome_shown_however_slow_those_are_who_look_on()
    {
        await using var house = await BlueZHarness.StartAsync();
        house.BlueZ.Fail("ConnectProfile", "org.bluez.Error.Failed", "br-connection-refused");
        house.Service.Changed += _ => Thread.Sleep(300);

        await Assert.ThrowsAsync<PortException>(() => house.ConnectAsync());

        Assert.Equal((RadioLink.Disconnected, true), (house.Device.Link, house.Device.HeldElsewhere));
    }

    [Fact]
    public async Task A_handshake_that_breaks_off_over_the_configuration_is_tried_with_the_plainest_one_and_that_is_remembered()
    {
        await using var house = await BlueZHarness.StartAsync();
        var offers = Handshakes(house, accepts: offer => offer[0] == 0x21 && offer[3] == 35);

        await house.ConnectAsync();
        await house.BlueZ.ClearAsync(BlueZHarness.Source1);
        await house.UntilAsync("it is gone again", s => s.Devices is [{ Link: RadioLink.Disconnected }]);
        await house.ConnectAsync();

        Assert.Equal(["11150233", "21150223", "21150223"], offers);
    }

    [Fact]
    public async Task A_model_that_is_known_for_it_is_offered_the_plainest_configuration_first()
    {
        await using var house = await BlueZHarness.StartAsync(o => o with { PlainFirst = d => d.Name == "Kitchen" });
        var offers = Handshakes(house, accepts: _ => true);

        await house.ConnectAsync();

        Assert.Equal(["21150223"], offers);
    }

    [Fact]
    public async Task A_speaker_that_does_not_answer_is_not_tried_twice()
    {
        await using var house = await BlueZHarness.StartAsync();
        house.BlueZ.Fail("ConnectProfile", "org.bluez.Error.Failed", "br-connection-unknown");

        await Assert.ThrowsAsync<PortException>(() => house.ConnectAsync());

        Assert.Equal(1, house.BlueZ.Calls.Count(c => c == "ConnectProfile"));
    }

    [Fact]
    public async Task A_speaker_that_refuses_because_somebody_else_has_it_is_not_tried_twice()
    {
        await using var house = await BlueZHarness.StartAsync();
        var offers = Handshakes(house, accepts: _ => false, error: "br-connection-refused");

        var error = await Assert.ThrowsAsync<PortException>(() => house.ConnectAsync());

        Assert.Equal(PortError.HeldElsewhere, error.Error);
        Assert.Single(offers);
    }

    [Fact]
    public async Task A_speaker_that_vanishes_from_BlueZ_in_the_middle_of_a_connect_is_said_to_be_unknown()
    {
        await using var house = await BlueZHarness.StartAsync();
        house.BlueZ.On("ConnectProfile", context =>
        {
            house.BlueZ.Remove(FakeBlueZ.DevicePath, "org.bluez.Device1");
            context.ReplyError("org.freedesktop.DBus.Error.UnknownObject", "Method \"ConnectProfile\" doesn't exist");
        });

        var error = await Assert.ThrowsAsync<PortException>(() => house.ConnectAsync());

        Assert.Equal((PortError.UnknownDevice, "Search again, or pair it again."), (error.Error, error.Remedy));
        await house.UntilAsync("it is gone", s => s.Devices.Count == 0);
    }

    [Fact]
    public async Task A_transport_that_goes_without_a_word_ends_the_output_and_frees_its_place()
    {
        await using var house = await BlueZHarness.StartAsync(o => o with { Adapters = [new ConfiguredAdapter { Name = "hci0", MaxStreams = 1 }] });
        house.ConnectsWell();
        await house.ConnectAsync();
        using var output = house.OpenOutput();

        house.BlueZ.Remove(FakeBlueZ.TransportPath, "org.bluez.MediaTransport1");
        await Eventually.TrueAsync("the output to close", () => !output.IsOpen);

        await house.ConnectAsync();
        Assert.Equal(RadioLink.Connected, house.Device.Link);
    }

    [Fact]
    public async Task A_speaker_too_many_is_refused_with_T4_even_when_both_are_asked_for_at_once()
    {
        await using var house = await BlueZHarness.StartAsync(
            o => o with { Adapters = [new ConfiguredAdapter { Name = "hci0", MaxStreams = 1 }] },
            prepare: b => b.Put(SecondPath, "org.bluez.Device1", FakeBlueZ.Speaker(address: Second, alias: "Bath")));
        house.ConnectsWell();

        var first = house.ConnectAsync();
        var error = await Assert.ThrowsAsync<PortException>(() => house.Service.ConnectAsync(FakeBlueZ.Adapter, Second, RadioRole.Sink, CancellationToken.None));
        await first;

        Assert.Equal((PortError.NoCapacity, "hci0 carries 1 stream(s) already, which is all it may, so Bath finds no room."), (error.Error, error.Message));
    }

    [Fact]
    public async Task Where_the_radio_has_no_room_for_another_stream_that_is_learned_and_nobody_runs_into_it_again()
    {
        await using var house = await BlueZHarness.StartAsync(prepare: b => b.Put(SecondPath, "org.bluez.Device1", FakeBlueZ.Speaker(address: Second, alias: "Bath")));
        house.ConnectsWell();
        await house.ConnectAsync();
        house.BlueZ.Fail("ConnectProfile", "org.bluez.Error.Failed", "Unable to select SEP");

        var first = await Assert.ThrowsAsync<PortException>(() => house.Service.ConnectAsync(FakeBlueZ.Adapter, Second, RadioRole.Sink, CancellationToken.None));
        Assert.Equal(1, house.Service.Current.Adapters[0].LearnedStreams);
        var second = await Assert.ThrowsAsync<PortException>(() => house.Service.ConnectAsync(FakeBlueZ.Adapter, Second, RadioRole.Sink, CancellationToken.None));

        Assert.Equal("Connecting to Bath did not work: no free stream end point is left on this adapter.", first.Message);
        var today = DateTimeOffset.UtcNow;
        Assert.Equal($"hci0 carries 1 stream(s) already and could carry no more (learned on {today:yyyy-MM-dd}), so Bath finds no room.", second.Message);
        Assert.Equal($"Disconnect a speaker or pair it on another adapter. hci0 is tried anew from {today.AddDays(7):yyyy-MM-dd}, or as soon as its max_streams is changed.", second.Remedy);
        Assert.Equal(2, house.BlueZ.Calls.Count(c => c == "ConnectProfile"));
    }

    [Fact]
    public async Task What_an_adapter_refused_is_known_after_a_restart_and_tried_anew_after_a_week()
    {
        var folder = Directory.CreateTempSubdirectory("tutti-limits-");
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        using (var store = Store.Open(folder.FullName, time))
        {
            await using (var before = await BlueZHarness.StartAsync(time: time, prepare: PutSecond, store: store))
            {
                before.ConnectsWell();
                await before.ConnectAsync();
                before.BlueZ.Fail("ConnectProfile", "org.bluez.Error.Failed", "br-connection-concurrent-connection-limit");
                await Assert.ThrowsAsync<PortException>(() => before.Service.ConnectAsync(FakeBlueZ.Adapter, Second, RadioRole.Sink, CancellationToken.None));
            }

            await using var house = await BlueZHarness.StartAsync(time: time, prepare: PutSecond, store: store);
            house.ConnectsWell();
            await house.ConnectAsync();
            var refused = await Assert.ThrowsAsync<PortException>(() => house.Service.ConnectAsync(FakeBlueZ.Adapter, Second, RadioRole.Sink, CancellationToken.None));
            Assert.Equal("hci0 carries 1 stream(s) already and could carry no more (learned on 2026-03-01), so Bath finds no room.", refused.Message);
            Assert.Equal(1, house.BlueZ.Calls.Count(c => c == "ConnectProfile"));

            time.Advance(TimeSpan.FromDays(7));
            house.BlueZ.On("ConnectProfile", call => _ = house.BlueZ.ConfigureAsync("/org/tutti/hci0/source2", BlueZHarness.Configuration, device: SecondPath));
            await house.Service.ConnectAsync(FakeBlueZ.Adapter, Second, RadioRole.Sink, CancellationToken.None);

            Assert.All(house.Service.Current.Devices, d => Assert.Equal(RadioLink.Connected, d.Link));
            Assert.Empty(store.All("adapter_limit"));
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Seven_speakers_that_connect_one_after_another_have_each_their_own_time()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var speakers = Enumerable.Range(1, 7).Select(i => $"00:AA:01:01:00:0{i}").ToList();
        await using var house = await BlueZHarness.StartAsync(
            o => o with { Adapters = [new ConfiguredAdapter { Name = "hci0", MaxStreams = 7 }] }, time,
            b => speakers.ForEach(s => b.Put($"{FakeBlueZ.AdapterPath}/dev_{s.Replace(':', '_')}", "org.bluez.Device1", FakeBlueZ.Speaker(address: s, alias: s))));
        await house.UntilAsync("all are seen", s => s.Devices.Count == 7);
        var turns = 0;
        house.BlueZ.On("ConnectProfile", context =>
        {
            time.Advance(TimeSpan.FromSeconds(5.5)); // so long it takes to page one
            _ = house.BlueZ.ConfigureAsync($"/org/tutti/hci0/source{++turns}", BlueZHarness.Configuration, device: context.Request.PathAsString!);
        });
        var steps = speakers.Select(s => new StepTarget { Step = new ConnectStep(s, null, "hci0", ""), Name = s, Adapter = FakeBlueZ.Adapter, Address = BluetoothAddress.Parse(s) });

        var failures = await new StepRunner(house.Service, new ScriptedEcho(), new Journal(time, NullLogger.Instance), time).RunAsync([.. steps], CancellationToken.None);

        Assert.Empty(failures);
        Assert.All(house.Service.Current.Devices, d => Assert.Equal(RadioLink.Connected, d.Link));
    }

    [Fact]
    public async Task A_speaker_that_is_there_and_never_gets_ready_has_half_a_minute_and_then_the_next_has_its_turn()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var house = await BlueZHarness.StartAsync(time: time, prepare: PutSecond);
        var asked = new ConcurrentQueue<string>();
        house.BlueZ.On("ConnectProfile", context =>
        {
            context.DisposesAsynchronously = true;
            house.BlueZ.Change(context.Request.PathAsString!, "org.bluez.Device1", "Connected", VariantValue.Bool(true));
            asked.Enqueue(context.Request.PathAsString!);
        });
        var first = house.ConnectAsync();
        await Eventually.TrueAsync("the first to have its turn", () => asked.Count == 1);
        var second = house.Service.ConnectAsync(FakeBlueZ.Adapter, Second, RadioRole.Sink, CancellationToken.None);

        var began = time.GetUtcNow();
        await PassAsync(time, "the first to be given up", () => first.IsCompleted);
        await PassAsync(time, "the second to have its turn", () => asked.Count == 2);

        var error = await Assert.ThrowsAsync<PortException>(() => first);
        Assert.Equal((PortError.TimedOut, "Kitchen did not answer within 30 s."), (error.Error, error.Message));
        Assert.True(time.GetUtcNow() - began >= TimeSpan.FromSeconds(30), "it had less than its time");
        Assert.False(second.IsCompleted);
        Assert.Contains($"DisconnectProfile {FakeBlueZ.DevicePath}", house.BlueZ.PathCalls);
    }

    [Fact]
    public async Task A_link_that_is_up_and_carries_no_sound_is_ended_so_that_the_next_try_works()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var house = await BlueZHarness.StartAsync(time: time);
        house.BlueZ.Fail("ConnectProfile", "org.bluez.Error.AlreadyConnected", "Already Connected");
        house.BlueZ.On("Disconnect", _ => house.ConnectsWell());

        var connect = house.ConnectAsync();
        await PassAsync(time, "the try to be given up", () => connect.IsCompleted);
        var error = await Assert.ThrowsAsync<PortException>(() => connect);
        Assert.Equal("Connecting to Kitchen did not work: BlueZ holds a link with it that carried no sound within 8 s, and that was ended.", error.Message);

        await house.ConnectAsync();
        Assert.Equal(RadioLink.Connected, house.Device.Link);
    }

    private static void PutSecond(FakeBlueZ bluez) => bluez.Put(SecondPath, "org.bluez.Device1", FakeBlueZ.Speaker(address: Second, alias: "Bath"));

    private static Task PassAsync(FakeTimeProvider time, string what, Func<bool> condition) => Eventually.TrueAsync(what, () =>
    {
        if (condition()) return true;
        time.Advance(TimeSpan.FromMilliseconds(200));
        return false;
    }, 30);

    [Fact]
    public async Task The_dead_link_of_a_speaker_that_was_given_up_is_ended_before_it_is_connected_again()
    {
        await using var house = await BlueZHarness.StartAsync();
        house.ConnectsWell();
        await house.ConnectAsync();
        house.BlueZ.Fail("Disconnect", "org.bluez.Error.Failed", ""); // the first try to close it does not work
        house.Service.Streams.Suspect(FakeBlueZ.Adapter, FakeBlueZ.Device);
        await house.UntilAsync("it is shown as gone", s => s.Devices is [{ Link: RadioLink.Disconnected }]);
        await Eventually.TrueAsync("its link to be closed in vain", () => house.BlueZ.Calls.Contains("Disconnect"));
        house.BlueZ.On("Disconnect", _ => house.BlueZ.Remove(FakeBlueZ.TransportPath, "org.bluez.MediaTransport1"));

        await house.ConnectAsync();

        Assert.Equal(RadioLink.Connected, house.Device.Link);
    }

    [Fact]
    public async Task That_a_speaker_fell_silent_is_known_until_its_next_link_however_fast_the_last_one_ended()
    {
        await using var house = await BlueZHarness.StartAsync();
        house.ConnectsWell();
        await house.ConnectAsync();
        Assert.False(house.Device.FellSilent);
        var facts = house.Service.Shared.Facts.Of(FakeBlueZ.Adapter, FakeBlueZ.Device);
        // A healthy link ends within milliseconds: its end is seen together with the suspicion.
        house.BlueZ.On("Disconnect", _ => house.BlueZ.Remove(FakeBlueZ.TransportPath, "org.bluez.MediaTransport1"));

        house.Service.Streams.Suspect(FakeBlueZ.Adapter, FakeBlueZ.Device);
        await house.UntilAsync("the link has ended", s => s.Devices is [{ Link: RadioLink.Disconnected }] && !facts.Vanished);

        Assert.True(house.Device.FellSilent);
        await house.ConnectAsync();
        Assert.False(house.Device.FellSilent);
    }

    [Fact]
    public async Task A_delay_report_in_the_middle_of_a_stream_changes_the_declared_latency()
    {
        await using var house = await BlueZHarness.StartAsync();
        house.BlueZ.On("Acquire", context => FakeBlueZ.ReplyWithSocket(context));
        await house.BlueZ.ConfigureAsync(BlueZHarness.Source1, BlueZHarness.Configuration, delay: 1_500);
        await house.UntilAsync("it is connected", s => s.Devices is [{ Link: RadioLink.Connected }]);
        using var output = house.OpenOutput();
        Assert.Equal(150, output.DeclaredLatencyMs);

        house.BlueZ.Change(FakeBlueZ.TransportPath, "org.bluez.MediaTransport1", "Delay", VariantValue.UInt16(2_345));
        await Eventually.TrueAsync("the new report to be taken", () => output.DeclaredLatencyMs == 234.5);

        foreach (ushort nonsense in new ushort[] { 0, 65_535 })
        {
            house.BlueZ.Change(FakeBlueZ.TransportPath, "org.bluez.MediaTransport1", "Delay", VariantValue.UInt16(nonsense));
            await Eventually.TrueAsync($"{nonsense} to be no report", () => output.DeclaredLatencyMs is null);
            house.BlueZ.Change(FakeBlueZ.TransportPath, "org.bluez.MediaTransport1", "Delay", VariantValue.UInt16(1_500));
            await Eventually.TrueAsync("a report to be taken", () => output.DeclaredLatencyMs == 150);
        }
    }

    [Fact]
    public async Task An_answer_without_a_socket_closes_the_output_and_nothing_else()
    {
        await using var house = await BlueZHarness.StartAsync();
        house.BlueZ.On("Acquire", context =>
        {
            using var writer = context.CreateReplyWriter("s");
            writer.WriteString("no socket for you");
            context.Reply(writer.CreateMessage());
        });
        house.ConnectsWell();
        await house.ConnectAsync();

        using var output = house.OpenOutput();

        await Eventually.TrueAsync("the output to close", () => !output.IsOpen);
        Assert.Equal(RadioLink.Connected, house.Device.Link);
    }

    /// <summary>A speaker that is asked for a configuration at each connect, as BlueZ does it; returns what was offered, in hexadecimal.</summary>
    private static ConcurrentQueue<string> Handshakes(BlueZHarness house, Func<byte[], bool> accepts, string error = "br-connection-unknown")
    {
        var offers = new ConcurrentQueue<string>();
        house.BlueZ.On("ConnectProfile", context =>
        {
            context.DisposesAsynchronously = true;
            _ = AnswerAsync(context);
        });
        return offers;

        async Task AnswerAsync(MethodContext context)
        {
            using (context)
            {
                var offer = await house.BlueZ.SelectAsync(BlueZHarness.Source1, s_everything);
                offers.Enqueue(Convert.ToHexString(offer));
                if (!accepts(offer))
                {
                    context.ReplyError("org.bluez.Error.Failed", error);
                    return;
                }

                await house.BlueZ.ConfigureAsync(BlueZHarness.Source1, offer);
                using var writer = context.CreateReplyWriter(null!);
                context.Reply(writer.CreateMessage());
            }
        }
    }
}
